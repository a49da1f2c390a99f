#define _GNU_SOURCE
#include "CMPI.h"

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

// A handle is a pointer in Open MPI and in the ABI of MPI 5, an int in MPICH and what is compatible with it. As an
// argument either fills one register; in memory they differ.
typedef uintptr_t Handle;

// What differs between the libraries.
static struct {
  Handle world, byte;
  int serialized;
  void *status_ignore;
} abi;

static char version[8192];

static struct {
  int (*version)(char *, int *);
  int (*init)(int *, char ***, int, int *);
  int (*rank)(Handle, int *);
  int (*size)(Handle, int *);
  int (*isend)(const void *, int, Handle, int, int, Handle, void *);
  int (*irecv)(void *, int, Handle, int, int, Handle, void *);
  int (*test)(void *, int *, void *);
  int (*abort)(Handle, int);
  int (*finalize)(void);
} mpi;

// The address of a function or of one of Open MPI's objects; remembers the first that is missing.
static void *find(void *library, const char *symbol, const char **missing) {
  void *found = dlsym(library, symbol);
  if (!found && !*missing) *missing = symbol;
  return found;
}

const char *mtt_mpi_open(const char *name) {
  void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!library) return dlerror();
  const char *missing = NULL;
  // POSIX has dlsym give functions as void *.
  *(void **)&mpi.version = find(library, "MPI_Get_library_version", &missing);
  *(void **)&mpi.init = find(library, "MPI_Init_thread", &missing);
  *(void **)&mpi.rank = find(library, "MPI_Comm_rank", &missing);
  *(void **)&mpi.size = find(library, "MPI_Comm_size", &missing);
  *(void **)&mpi.isend = find(library, "MPI_Isend", &missing);
  *(void **)&mpi.irecv = find(library, "MPI_Irecv", &missing);
  *(void **)&mpi.test = find(library, "MPI_Test", &missing);
  *(void **)&mpi.abort = find(library, "MPI_Abort", &missing);
  *(void **)&mpi.finalize = find(library, "MPI_Finalize", &missing);
  if (missing) return missing;
  int length = 0;
  mpi.version(version, &length);  // allowed before MPI_Init
  int (*abi_version)(int *, int *) = NULL;
  *(void **)&abi_version = dlsym(library, "MPI_Abi_get_version");
  int major = -1, minor = -1;
  if (abi_version) abi_version(&major, &minor);
  if (major == 1) {
    abi.world = 0x101;
    abi.byte = 0x247;
    abi.serialized = 2048;
    abi.status_ignore = NULL;
  } else if (strstr(version, "Open MPI")) {
    abi.world = (Handle)find(library, "ompi_mpi_comm_world", &missing);
    abi.byte = (Handle)find(library, "ompi_mpi_byte", &missing);
    abi.serialized = 2;
    abi.status_ignore = NULL;
  } else if (strstr(version, "MPICH") || strstr(version, "Intel") || strstr(version, "MVAPICH")) {
    abi.world = 0x44000000;
    abi.byte = 0x4c00010d;
    abi.serialized = 2;
    abi.status_ignore = (void *)1;
  } else {
    return "it is neither Open MPI nor MPICH nor compatible with one of them";
  }
  return missing;
}

const char *mtt_mpi_version(void) { return version; }

const char *mtt_mpi_begin(int *rank, int *size) {
  int level = -1;
  if (mpi.init(NULL, NULL, abi.serialized, &level)) return "MPI_Init_thread failed";
  if (level < abi.serialized) return "it was built without support for threads";
  return mpi.rank(abi.world, rank) || mpi.size(abi.world, size) ? "MPI_Comm_rank or MPI_Comm_size failed" : NULL;
}

void mtt_mpi_end(void) { mpi.finalize(); }
void mtt_mpi_abort(int code) { mpi.abort(abi.world, code); }

bool mtt_mpi_receive(void *bytes, int count, int from, int tag, uint64_t *request) {
  return !mpi.irecv(bytes, count, abi.byte, from, tag, abi.world, request);
}

bool mtt_mpi_send(const void *bytes, int count, int to, int tag, uint64_t *request) {
  return !mpi.isend(bytes, count, abi.byte, to, tag, abi.world, request);
}

bool mtt_mpi_is_done(uint64_t *request) {
  int flag = 0;
  return !mpi.test(request, &flag, abi.status_ignore) && flag;
}
