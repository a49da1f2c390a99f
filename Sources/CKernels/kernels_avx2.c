// The kernels for processors with AVX2.
#if defined(__x86_64__)
#include "kernel_tables.h"
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#pragma clang fp contract(off)
#define LANES 8
#define KERNEL(name) name##_avx2
#include "kernels.inc"

const MTTKernelTable mtt_kernels_avx2 = {
#define FIELD(result, name, parameters, arguments) .name = KERNEL(name),
    KERNEL_LIST(FIELD)
#undef FIELD
};
#pragma clang attribute pop
#endif
