// Products of matrices that are rounded to bfloat16, for processors that multiply such pairs of numbers themselves.
#if defined(__x86_64__)
#include "kernel_tables.h"

#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx512bf16,avx2,fma"))), \
                             apply_to = function)
#pragma clang fp contract(off)
#define LANES 16
#include "vector.h"

// Sums of products of pairs: each word's lower halves, then its upper ones.
INLINE vf add_products(vf a, vf b, vf sums) {
  return (vf)_mm512_dpbf16_ps((__m512)sums, (__m512bh)a, (__m512bh)b);
}
#define MULTIPLY_ADD add_products
#define WORD_ROWS 2
#include "transpose.inc"
#include "tiles.inc"
#include "gradient.inc"

// Words of `low` in the lower halves and `high` in the upper ones.
INLINE vf paired(vf low, vf high) {
  const __m512i zipped = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21,
                                          5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  return (vf)_mm512_permutexvar_epi16(zipped, (__m512i)_mm512_cvtne2ps_pbh((__m512)high, (__m512)low));
}

// Words of two neighbours each: of `first` and then of `second`.
INLINE vf neighbours(vf first, vf second) {
  return (vf)_mm512_cvtne2ps_pbh((__m512)second, (__m512)first);
}

static void round_row(const float *x, intptr_t columns, float *words) {
  intptr_t j = 0;
  for (; j + 2 * LANES <= columns; j += 2 * LANES) store(words + j / 2, neighbours(load(x + j), load(x + j + LANES)));
  if (j == columns) return;
  intptr_t rest = columns - j;
  vf first = rest < LANES ? load_some(x + j, rest) : load(x + j);
  vf second = rest > LANES ? load_some(x + j + LANES, rest - LANES) : splat(0.0f);
  store_some(words + j / 2, neighbours(first, second), (rest + 1) / 2);
}

// The pairs of two rows' columns; `high` may be null for zeros.
static void pair_rows(const float *low, const float *high, float *words, intptr_t columns) {
  for (intptr_t j = 0; j < columns; j += LANES) {
    __mmask16 inside = columns - j < LANES ? (__mmask16)((1 << (columns - j)) - 1) : 0xFFFF;
    vf second = high ? (vf)_mm512_maskz_loadu_ps(inside, high + j) : splat(0.0f);
    _mm512_mask_storeu_ps(words + j, inside, (__m512)paired((vf)_mm512_maskz_loadu_ps(inside, low + j), second));
  }
}

static void copy_panel(const float *x, intptr_t stride, float *panel, intptr_t rows, intptr_t columns) {
  for (intptr_t r = 0; r < rows; r += 2)
    pair_rows(x + r * stride, r + 1 < rows ? x + (r + 1) * stride : NULL, panel + r / 2 * PANEL, columns);
}

static outputs_view view_outputs(const float *dy, intptr_t stride, intptr_t rows, intptr_t outputs, float *scratch) {
  intptr_t depth = (rows + 1) / 2;
  for (intptr_t o = 0; o < outputs; o += TILE_ROWS) {
    intptr_t count = outputs - o < TILE_ROWS ? outputs - o : TILE_ROWS;
    for (intptr_t r = 0; r < rows; r += 2) {
      const float *low = dy + r * stride + o;
      pair_rows(low, r + 1 < rows ? low + stride : NULL, scratch + o * depth + r / 2 * TILE_ROWS, count);
    }
  }
  return (outputs_view){scratch, TILE_ROWS, TILE_ROWS * depth};
}

static void round_rows(const float *x, intptr_t stride, intptr_t rows, intptr_t columns, float *words) {
  for (intptr_t r = 0; r < rows; r++) round_row(x + r * stride, columns, words + r * ((columns + 1) / 2));
}

static void pack_transposed(const float *w, intptr_t first, intptr_t outputs, intptr_t inputs, float *panels) {
  enum { WORDS = 64 };
  intptr_t depth = (inputs + 1) / 2;
  for (intptr_t o = first; o < first + outputs;) {
    intptr_t column = o % PANEL, count = first + outputs - o < PANEL - column ? first + outputs - o : PANEL - column;
    for (intptr_t k = 0; k < depth; k += WORDS) {
      float words[PANEL * WORDS];
      intptr_t columns = inputs - 2 * k < 2 * WORDS ? inputs - 2 * k : 2 * WORDS;
      for (intptr_t r = 0; r < count; r++) round_row(w + (o - first + r) * inputs + 2 * k, columns, words + r * WORDS);
      transpose(words, WORDS, count, (columns + 1) / 2, panels + (o - column) * depth + k * PANEL + column, PANEL);
    }
    o += count;
  }
}

// Writes one row into its halves of the words, which another thread may be filling up.
static void pack_row(const float *w, intptr_t row, intptr_t columns, intptr_t depth, float *panels) {
  for (intptr_t j = 0; j < columns; j++) {
    float word;
    uint16_t half;
    round_row(w + j, 1, &word);
    memcpy(&half, &word, sizeof half);
    float *to = panels + j / PANEL * PANEL * depth + row / 2 * PANEL + j % PANEL;
    memcpy((char *)to + row % 2 * (intptr_t)sizeof half, &half, sizeof half);
  }
}

static void pack(const float *w, intptr_t first, intptr_t rows, intptr_t columns, intptr_t outputs, float *panels) {
  intptr_t depth = (outputs + 1) / 2, r = 0;
  if (first % 2 == 1) pack_row(w + r++ * columns, first, columns, depth, panels);
  intptr_t pairs_end = rows - (rows - r) % 2;
  for (intptr_t j = 0; j < columns && r < pairs_end; j += PANEL)
    copy_panel(w + r * columns + j, columns, panels + j * depth + (first + r) / 2 * PANEL, pairs_end - r,
               columns - j < PANEL ? columns - j : PANEL);
  if (pairs_end < rows) pack_row(w + pairs_end * columns, first + pairs_end, columns, depth, panels);
}

static void product(const float *a, const float *panels, float *c, intptr_t c_stride, intptr_t rows, intptr_t depth,
                    intptr_t columns, bool add) {
  product_of(a, (depth + 1) / 2, panels, c, c_stride, rows, (depth + 1) / 2, columns, add, false);
}

static intptr_t scratch_floats(void) { return GRADIENT_SCRATCH; }

const MTTBFloat16Table mtt_kernels_bfloat16 = {
    .mtt_bfloat16_words = round_rows,
    .mtt_bfloat16_pack_transposed = pack_transposed,
    .mtt_bfloat16_pack = pack,
    .mtt_bfloat16_product = product,
    .mtt_bfloat16_gradient_scratch = scratch_floats,
    .mtt_bfloat16_weight_gradient = weight_gradient,
};
#pragma clang attribute pop
#endif
