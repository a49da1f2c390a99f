#include "CProducts.h"

#include <oneapi/dnnl/dnnl.h>
#include <pthread.h>
#include <stdlib.h>

// A processor is one engine and needs one stream: a stream of a processor with OpenMP holds no state, so all threads
// share it.
static dnnl_engine_t engine;
static dnnl_stream_t stream;

static void open_engine(void) {
  if (dnnl_engine_create(&engine, dnnl_cpu, 0) != dnnl_success) engine = NULL;
  if (engine && dnnl_stream_create(&stream, engine, dnnl_stream_default_flags) != dnnl_success) stream = NULL;
}

static bool ready(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, open_engine);
  return engine && stream;
}

bool mtt_products_have_bfloat16(void) {
#if defined(__x86_64__)
  // Each instruction set is a set of bits that holds those of the sets it contains.
  int wanted = dnnl_cpu_isa_avx512_core_bf16;
  return ((int)dnnl_get_effective_cpu_isa() & wanted) == wanted && ready();
#else
  return false;
#endif
}

// --------------------------------------------------------------------------- what differs between oneDNN 2 and 3

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t Descriptor;
typedef const_dnnl_memory_desc_t DescriptorReference;
static DescriptorReference reference(const Descriptor *descriptor) { return *descriptor; }
static void release(Descriptor *descriptor) {
  if (*descriptor) dnnl_memory_desc_destroy(*descriptor);
  *descriptor = NULL;
}
static bool describe(Descriptor *descriptor, dnnl_data_type_t type, int64_t rows, int64_t columns, int64_t row_stride,
                     int64_t column_stride) {
  dnnl_dims_t sizes = {rows, columns}, strides = {row_stride, column_stride};
  return dnnl_memory_desc_create_with_strides(descriptor, 2, sizes, type, strides) == dnnl_success;
}
static size_t size_of(DescriptorReference descriptor) { return dnnl_memory_desc_get_size(descriptor); }
static dnnl_status_t prepare(dnnl_primitive_desc_t *result, const Descriptor *a, const Descriptor *b,
                             const Descriptor *c, const_dnnl_primitive_attr_t attributes) {
  return dnnl_matmul_primitive_desc_create(result, engine, *a, *b, NULL, *c, attributes);
}
static dnnl_status_t append_sum(dnnl_post_ops_t operations) {
  return dnnl_post_ops_append_sum(operations, 1.0f, 0, dnnl_data_type_undef);
}
#else
typedef dnnl_memory_desc_t Descriptor;
typedef const dnnl_memory_desc_t *DescriptorReference;
static DescriptorReference reference(const Descriptor *descriptor) { return descriptor; }
static void release(Descriptor *descriptor) { (void)descriptor; }
static bool describe(Descriptor *descriptor, dnnl_data_type_t type, int64_t rows, int64_t columns, int64_t row_stride,
                     int64_t column_stride) {
  dnnl_dims_t sizes = {rows, columns}, strides = {row_stride, column_stride};
  return dnnl_memory_desc_init_by_strides(descriptor, 2, sizes, type, strides) == dnnl_success;
}
static size_t size_of(DescriptorReference descriptor) { return dnnl_memory_desc_get_size(descriptor); }
static dnnl_status_t prepare(dnnl_primitive_desc_t *result, const Descriptor *a, const Descriptor *b,
                             const Descriptor *c, const_dnnl_primitive_attr_t attributes) {
  dnnl_matmul_desc_t operation;
  dnnl_status_t status = dnnl_matmul_desc_init(&operation, a, b, NULL, c);
  return status != dnnl_success ? status : dnnl_primitive_desc_create(result, &operation, attributes, engine, NULL);
}
static dnnl_status_t append_sum(dnnl_post_ops_t operations) { return dnnl_post_ops_append_sum(operations, 1.0f); }
#endif

// -------------------------------------------------------------------------------------------------------- products

struct MTTProduct {
  MTTProductShape shape;
  dnnl_primitive_t primitive;
  size_t scratch_size;
};

static int64_t or_any(int64_t size) { return size ? size : DNNL_RUNTIME_DIM_VAL; }

static bool describe_all(const MTTProductShape *shape, int64_t rows, int64_t depth, Descriptor *a, Descriptor *b,
                         Descriptor *c) {
  return describe(a, dnnl_bf16, rows, depth, shape->a_row_stride, shape->a_depth_stride) &&
         describe(b, dnnl_bf16, depth, shape->columns, shape->b_depth_stride, shape->b_column_stride) &&
         describe(c, dnnl_f32, rows, shape->columns, shape->columns, 1);
}

static bool make_primitive(MTTProduct *product, const Descriptor *a, const Descriptor *b, const Descriptor *c) {
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_post_ops_t operations = NULL;
  dnnl_primitive_desc_t description = NULL;
  // The default scratch memory belongs to the thread that made the primitive; ours is the caller's.
  bool made = dnnl_primitive_attr_create(&attributes) == dnnl_success &&
              dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user) == dnnl_success;
  if (made && product->shape.add)
    made = dnnl_post_ops_create(&operations) == dnnl_success && append_sum(operations) == dnnl_success &&
           dnnl_primitive_attr_set_post_ops(attributes, operations) == dnnl_success;
  made = made && prepare(&description, a, b, c, attributes) == dnnl_success &&
         dnnl_primitive_create(&product->primitive, description) == dnnl_success;
  if (made) product->scratch_size = size_of(dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0));
  if (description) dnnl_primitive_desc_destroy(description);
  if (operations) dnnl_post_ops_destroy(operations);
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  return made;
}

MTTProduct *mtt_product_create(const MTTProductShape *shape) {
  if (!ready()) return NULL;
  MTTProduct *product = calloc(1, sizeof *product);
  if (!product) return NULL;
  product->shape = *shape;
  Descriptor a = {0}, b = {0}, c = {0};
  bool made = describe_all(shape, or_any(shape->rows), or_any(shape->depth), &a, &b, &c) &&
              make_primitive(product, &a, &b, &c);
  release(&a);
  release(&b);
  release(&c);
  if (made) return product;
  mtt_product_destroy(product);
  return NULL;
}

void mtt_product_destroy(MTTProduct *product) {
  if (product && product->primitive) dnnl_primitive_destroy(product->primitive);
  free(product);
}

intptr_t mtt_product_scratch_size(const MTTProduct *product) { return (intptr_t)product->scratch_size; }

static dnnl_memory_t memory_at(const Descriptor *descriptor, const void *address) {
  dnnl_memory_t memory = NULL;
  dnnl_status_t status = dnnl_memory_create(&memory, reference(descriptor), engine, (void *)(uintptr_t)address);
  return status == dnnl_success ? memory : NULL;
}

bool mtt_product_run(const MTTProduct *product, const uint16_t *a, const uint16_t *b, float *c, int64_t rows,
                     int64_t depth, void *scratch) {
  Descriptor of_a = {0}, of_b = {0}, of_c = {0}, of_scratch = {0};
  bool described = describe_all(&product->shape, rows, depth, &of_a, &of_b, &of_c);
  dnnl_exec_arg_t arguments[4] = {{DNNL_ARG_SRC, NULL}, {DNNL_ARG_WEIGHTS, NULL}, {DNNL_ARG_DST, NULL},
                                  {DNNL_ARG_SCRATCHPAD, NULL}};
  int count = 3;
  if (described) {
    arguments[0].memory = memory_at(&of_a, a);
    arguments[1].memory = memory_at(&of_b, b);
    arguments[2].memory = memory_at(&of_c, c);
  }
  bool done = arguments[0].memory && arguments[1].memory && arguments[2].memory;
  if (done && product->scratch_size > 0) {
    done = describe(&of_scratch, dnnl_u8, 1, (int64_t)product->scratch_size, (int64_t)product->scratch_size, 1);
    if (done) arguments[3].memory = memory_at(&of_scratch, scratch);
    done = done && arguments[3].memory;
    count = 4;
  }
  done = done && dnnl_primitive_execute(product->primitive, stream, count, arguments) == dnnl_success;
  for (int i = 0; i < count; i++)
    if (arguments[i].memory) dnnl_memory_destroy(arguments[i].memory);
  release(&of_a);
  release(&of_b);
  release(&of_c);
  release(&of_scratch);
  return done;
}
