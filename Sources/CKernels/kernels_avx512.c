// The kernels for processors with AVX512.
#if defined(__x86_64__)
#include "kernel_tables.h"
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma"))), apply_to = function)
#pragma clang fp contract(off)
#define LANES 16
#define KERNEL(name) name##_avx512
#include "kernels.inc"

const MTTKernelTable mtt_kernels_avx512 = {
#define FIELD(result, name, parameters, arguments) .name = KERNEL(name),
    KERNEL_LIST(FIELD)
#undef FIELD
};
#pragma clang attribute pop
#endif
