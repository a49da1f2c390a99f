// One table of function pointers per instruction set.
#ifndef KERNEL_TABLES_H
#define KERNEL_TABLES_H

#include "CKernels.h"
#include "kernels_list.h"

typedef struct {
#define FIELD(result, name, parameters, arguments) result(*name) parameters;
  KERNEL_LIST(FIELD)
#undef FIELD
} MTTKernelTable;

typedef struct {
#define FIELD(result, name, parameters, arguments) result(*name) parameters;
  BFLOAT16_LIST(FIELD)
#undef FIELD
} MTTBFloat16Table;

extern const MTTKernelTable mtt_kernels_baseline;
#if defined(__x86_64__)
extern const MTTKernelTable mtt_kernels_avx2;
extern const MTTKernelTable mtt_kernels_avx512;
extern const MTTBFloat16Table mtt_kernels_bfloat16;
#endif

/// The kernels for "baseline", "avx2" or "avx512", so that tests reach those that this processor would not choose; null
/// where it cannot run them.
const MTTKernelTable *mtt_kernel_table(const char *instruction_set);

#endif
