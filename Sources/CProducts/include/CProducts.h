// Products of bfloat16 matrices with float32 results, by oneDNN's matmul primitive, whose C interface changed between
// oneDNN 2 and 3. The float32 products need none of this: `dnnl_sgemm` is the same in both.
#ifndef CPRODUCTS_H
#define CPRODUCTS_H

#include <stdbool.h>
#include <stdint.h>

/// One kind of product, C = A B or C += A B, prepared once for many calls: A [rows, depth] and B [depth, columns] of
/// bfloat16, C [rows, columns] of float32, row-major without gaps.
typedef struct MTTProduct MTTProduct;

/// What a product is prepared for.
typedef struct {
  int64_t rows, columns, depth;        ///< 0 for rows or depth: said at each call.
  int64_t a_row_stride, a_depth_stride;  ///< Elements between A's neighbours in a column and in a row.
  int64_t b_depth_stride, b_column_stride;
  bool add;  ///< C += A B.
} MTTProductShape;

/// Whether this processor multiplies bfloat16 itself and oneDNN makes use of it.
bool mtt_products_have_bfloat16(void);

/// Prepares a product; null if oneDNN cannot make it.
MTTProduct *mtt_product_create(const MTTProductShape *shape);

void mtt_product_destroy(MTTProduct *product);

/// Bytes of scratch memory, 64-byte aligned, that a call needs.
intptr_t mtt_product_scratch_size(const MTTProduct *product);

/// Multiplies on the calling thread; several threads may use the same product at once, each with its own scratch
/// memory. Returns false if oneDNN refused.
bool mtt_product_run(const MTTProduct *product, const uint16_t *a, const uint16_t *b, float *c, int64_t rows,
                     int64_t depth, void *scratch);

#endif
