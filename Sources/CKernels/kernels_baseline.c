// The kernels for any processor of this kind.
#include "kernel_tables.h"
#pragma clang fp contract(off)
#define LANES 4
#define KERNEL(name) name##_baseline
#include "kernels.inc"

const MTTKernelTable mtt_kernels_baseline = {
#define FIELD(result, name, parameters, arguments) .name = KERNEL(name),
    KERNEL_LIST(FIELD)
#undef FIELD
};
