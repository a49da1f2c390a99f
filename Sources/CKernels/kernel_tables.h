// One table of function pointers per instruction set.
#include "CKernels.h"
#include "kernels_list.h"

typedef struct {
#define FIELD(result, name, parameters, arguments) result(*name) parameters;
  KERNEL_LIST(FIELD)
#undef FIELD
} KernelTable;

extern const KernelTable mtt_kernels_baseline;
#if defined(__x86_64__)
extern const KernelTable mtt_kernels_avx2;
extern const KernelTable mtt_kernels_avx512;
#endif
