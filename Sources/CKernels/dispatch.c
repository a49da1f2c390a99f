// Chooses the kernels' instruction set once, when the program is loaded. By hand instead of by `target_clones`, whose
// resolvers run too early for the sanitizers.
#include "kernel_tables.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static const MTTKernelTable *kernels = &mtt_kernels_baseline;
static const char *instruction_set = "baseline";
// Null where the processor has none or they may not be used.
static const MTTBFloat16Table *bfloat16_kernels;

const MTTKernelTable *mtt_kernel_table(const char *name) {
  if (strcmp(name, "baseline") == 0) return &mtt_kernels_baseline;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (strcmp(name, "avx2") == 0 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return &mtt_kernels_avx2;
  if (strcmp(name, "avx512") == 0 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
    return &mtt_kernels_avx512;
#endif
  return NULL;
}

// From the best down.
static const char *const names[] = {"avx512", "avx2", "baseline"};
enum { NAME_COUNT = sizeof names / sizeof *names };

// Where to begin in the list of names; NAME_COUNT if the variable is none of them.
static int first_allowed(const char *limit) {
  int index = 0;
  if (limit && *limit)
    while (index < NAME_COUNT && strcasecmp(limit, names[index]) != 0) index++;
  return index;
}

__attribute__((constructor)) static void choose(void) {
  for (int i = first_allowed(getenv(MTT_INSTRUCTION_SET_VARIABLE)); i < NAME_COUNT; i++) {
    const MTTKernelTable *table = mtt_kernel_table(names[i]);
    if (!table) continue;
    kernels = table;
    instruction_set = names[i];
#if defined(__x86_64__)
    if (table == &mtt_kernels_avx512 && __builtin_cpu_supports("avx512bf16")) bfloat16_kernels = &mtt_kernels_bfloat16;
#endif
    return;
  }
}

const char *mtt_instruction_set(void) { return instruction_set; }

const char *mtt_unknown_instruction_set(void) {
  const char *limit = getenv(MTT_INSTRUCTION_SET_VARIABLE);
  return first_allowed(limit) < NAME_COUNT ? NULL : limit;
}

void mtt_flush_denormals(void) {
#if defined(__x86_64__)
  _mm_setcsr(_mm_getcsr() | 0x8040);  // Flush to zero, denormals are zero.
#elif defined(__aarch64__)
  uint64_t control;
  __asm__ volatile("mrs %0, fpcr" : "=r"(control));
  __asm__ volatile("msr fpcr, %0" ::"r"(control | (1ull << 24)));
#endif
}

#define FORWARD(result, name, parameters, arguments) \
  result name parameters { return kernels->name arguments; }
KERNEL_LIST(FORWARD)
#undef FORWARD

bool mtt_has_bfloat16(void) { return bfloat16_kernels != NULL; }

#define FORWARD(result, name, parameters, arguments) \
  result name parameters { return bfloat16_kernels->name arguments; }
BFLOAT16_LIST(FORWARD)
#undef FORWARD
