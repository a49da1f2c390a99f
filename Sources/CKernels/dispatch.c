// Chooses the kernels' instruction set once, when the program is loaded. By hand instead of by `target_clones`, whose
// resolvers run too early for the sanitizers.
#include "kernel_tables.h"

#include <stddef.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static const MTTKernelTable *kernels = &mtt_kernels_baseline;
static const char *instruction_set = "baseline";

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

__attribute__((constructor)) static void choose(void) {
  static const char *const names[] = {"avx512", "avx2"};
  for (int i = 0; i < 2; i++) {
    const MTTKernelTable *table = mtt_kernel_table(names[i]);
    if (!table) continue;
    kernels = table;
    instruction_set = names[i];
    return;
  }
}

const char *mtt_instruction_set(void) { return instruction_set; }

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
