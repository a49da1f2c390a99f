// oneDNN's C interface, and the one OpenMP call that keeps each of our threads' products single-threaded.
#ifndef CONEDNN_SHIM_H
#define CONEDNN_SHIM_H

#include <oneapi/dnnl/dnnl.h>

// From libgomp, with which Debian's oneDNN is built. It sets the calling thread's own limit.
extern void omp_set_num_threads(int count);

#endif
