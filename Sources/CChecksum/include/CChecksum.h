// CRC-32C by the processor's own instruction.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Whether this processor has the instruction.
bool mtt_crc32c_is_supported(void);

/// The state after some bytes more; neither begun with nor ended by a complement. Only where it is supported.
uint32_t mtt_crc32c(uint32_t state, const void *bytes, size_t count);
