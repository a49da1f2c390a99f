// Linux's counter of a process's processor cycles, which has no function in the C library.
#pragma once

#include <stdbool.h>
#include <stdint.h>

/// A file that counts the cycles that the calling thread and those it starts from now on spend in this program;
/// negative where the system or the processor lets no program count them.
int mtt_open_cycles(void);

/// Reads such a file; false if it cannot be read or was not counting all the time.
bool mtt_read_cycles(int file, uint64_t *cycles);
