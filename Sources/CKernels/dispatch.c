// Chooses the kernels' instruction set once, when the program is loaded. By hand instead of by `target_clones`, whose
// resolvers run too early for the sanitizers.
#include "kernel_tables.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static const KernelTable *kernels = &mtt_kernels_baseline;
static const char *instruction_set = "baseline";

__attribute__((constructor)) static void choose(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq")) {
    kernels = &mtt_kernels_avx512;
    instruction_set = "avx512";
  } else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    kernels = &mtt_kernels_avx2;
    instruction_set = "avx2";
  }
#endif
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
