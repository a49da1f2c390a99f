#include "CChecksum.h"

#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#define CRC_TARGET __attribute__((target("sse4.2")))
#define crc_of_8(state, word) ((uint32_t)_mm_crc32_u64((state), (word)))
#define crc_of_1(state, byte) _mm_crc32_u8((state), (byte))

bool mtt_crc32c_is_supported(void) { return __builtin_cpu_supports("sse4.2"); }

#elif defined(__aarch64__) && defined(__linux__)
#include <arm_acle.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>
#define CRC_TARGET __attribute__((target("crc")))
#define crc_of_8(state, word) __crc32cd((state), (word))
#define crc_of_1(state, byte) __crc32cb((state), (byte))

bool mtt_crc32c_is_supported(void) { return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0; }

#else
#define CRC_TARGET
#define crc_of_8(state, word) ((void)(word), (state))
#define crc_of_1(state, byte) ((void)(byte), (state))

bool mtt_crc32c_is_supported(void) { return false; }
#endif

CRC_TARGET uint32_t mtt_crc32c(uint32_t state, const void *bytes, size_t count) {
  const unsigned char *next = bytes;
  for (; count >= 8; count -= 8, next += 8) {
    uint64_t word;
    memcpy(&word, next, 8);
    state = crc_of_8(state, word);
  }
  for (; count > 0; count--, next++) state = crc_of_1(state, *next);
  return state;
}
