// Fused row operations and matrix products: all of a model's arithmetic.
//
// Every function is compiled for several instruction sets and the best that the processor has is chosen at start-up.
// Matrices are row-major; `rows` counts real tokens (or sentences), never padding. Gradients written to buffers whose
// names begin with `d` replace what was there; `sum_` buffers are added to.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stdint.h>

/// One dropout site: which elements are dropped is a function of (key, row, column) alone, so that the backward pass
/// makes the same mask again instead of storing it.
typedef struct {
  uint64_t key;
  /// An element is dropped where its 32-bit hash is below this: p × 2³²; 0 switches dropout off.
  uint32_t threshold;
  /// What kept elements are multiplied with: 1 / (1 − p).
  float scale;
} MTTDropout;

/// Two numbers hashed to one: SplitMix64's output for seed `a` and place `b` (Steele, Lea, Flood 2014).
static inline uint64_t mtt_mixed(uint64_t a, uint64_t b) {
  uint64_t z = a + b * 0x9E3779B97F4A7C15ull;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

/// The environment variable that names the best instruction set that may be used.
#define MTT_INSTRUCTION_SET_VARIABLE "MTT_MAX_CPU_ISA"

/// Name of the instruction set in use: "avx512", "avx2" or "baseline".
const char *mtt_instruction_set(void);

/// The variable's value if it names no instruction set; otherwise null.
const char *mtt_unknown_instruction_set(void);

/// Treats denormal numbers as zero on the calling thread: they would make decayed moments a hundred times slower.
void mtt_flush_denormals(void);

/// Tells the processor that this is a spin-wait loop.
static inline void mtt_spin_hint(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// out = x × mask; x and out [rows, columns], and may be the same.
void mtt_dropout(const float *x, float *out, intptr_t rows, intptr_t columns, intptr_t first_row, MTTDropout dropout);

/// What an embedded token is the sum of; `position`, `type` and `ngram` may be null.
typedef struct {
  const int32_t *ids;        ///< [rows]
  const int32_t *positions;  ///< [rows]
  /// [rows + 1] and their content: the n-gram rows whose mean row i adds are ngrams[ngram_starts[i]..].
  const int32_t *ngram_starts, *ngrams;
  const float *word, *position, *type, *ngram;  ///< Tables, [.., hidden].
} MTTEmbedding;

/// Embeddings: out = dropout(LayerNorm(word + mean of n-grams + position + type[0])); `first_row` numbers the rows for
/// dropout.
///
/// out, normalized [rows, hidden]; inverse_deviation [rows]. Saves what the backward pass needs.
void mtt_embed_forward(const MTTEmbedding *embedding, const float *gamma, const float *beta, float epsilon, float *out,
                       float *normalized, float *inverse_deviation, intptr_t rows, intptr_t hidden, intptr_t first_row,
                       MTTDropout dropout);

/// dx = gradient at the embeddings' sum from d_out, gradient at the dropped-out output; all [rows, hidden]. dx may be
/// d_out.
void mtt_embed_backward(const float *d_out, const float *normalized, const float *inverse_deviation,
                        const float *gamma, float *dx, float *sum_gamma, float *sum_beta, intptr_t rows,
                        intptr_t hidden, intptr_t first_row, MTTDropout dropout);

/// A sub-layer's end: sum = dropout(y + bias) + residual, out = LayerNorm(sum). All [rows, hidden] but bias, gamma and
/// beta [hidden]. y or bias may be null (nothing is added), sum too (it is not kept).
void mtt_add_norm_forward(const float *y, const float *bias, const float *residual, const float *gamma,
                          const float *beta, float epsilon, float *sum, float *out, float *normalized,
                          float *inverse_deviation, intptr_t rows, intptr_t hidden, intptr_t first_row,
                          MTTDropout dropout);

/// d_sum = gradient at the sum: through LayerNorm, plus d_later [rows, hidden], what reaches the sum past LayerNorm, if
/// not null. normalized is replaced by the gradient at y (the same, through dropout), whose column sums are added to
/// sum_bias if not null. d_sum may be d_out or d_later.
void mtt_add_norm_backward(const float *d_out, const float *d_later, float *normalized, const float *inverse_deviation,
                           const float *gamma, float *d_sum, float *sum_gamma, float *sum_beta, float *sum_bias,
                           intptr_t rows, intptr_t hidden, intptr_t first_row, MTTDropout dropout);

/// out [length, 3 × hidden] = each row's previous, own and next row of x [length, hidden]; 0 beyond the sentence.
void mtt_gather_neighbours(const float *x, float *out, intptr_t length, intptr_t hidden);

/// dx [length, hidden] = (or += if `add`) what reaches each row from d [length, 3 × hidden], gathered as above.
void mtt_scatter_neighbours(const float *d, float *dx, intptr_t length, intptr_t hidden, bool add);

/// out = GELU(x + bias), exact (erf); x is replaced by the derivative GELU'(x + bias). x, out [rows, columns], rows
/// `stride` apart.
void mtt_gelu_forward(float *x, const float *bias, float *out, intptr_t rows, intptr_t columns, intptr_t stride);

/// derivative ← derivative × d_out: the gradient before GELU; adds its column sums to sum_bias [columns]. Rows lie
/// `stride` apart.
void mtt_gelu_backward(float *derivative, const float *d_out, float *sum_bias, intptr_t rows, intptr_t columns,
                       intptr_t stride);

/// x = tanh(x + bias), [rows, columns].
void mtt_tanh_forward(float *x, const float *bias, intptr_t rows, intptr_t columns);

/// d ← d × mask × (1 − y²): through dropout and tanh; adds column sums to sum_bias. y = tanh's output.
void mtt_tanh_backward(float *d, const float *y, float *sum_bias, intptr_t rows, intptr_t columns, intptr_t first_row,
                       MTTDropout dropout);

/// sum [columns] += column sums of x [rows, columns].
void mtt_column_sums(const float *x, float *sum, intptr_t rows, intptr_t columns);

/// Floats of scratch memory that attention over `length` tokens needs.
intptr_t mtt_attention_scratch(intptr_t length, intptr_t head_size);

/// A learned number added to the attention score of each distance key − query, clipped to ± clip: values
/// [2 × clip + 1], null for none.
typedef struct {
  const float *values;
  intptr_t clip;
} MTTRelativeBias;

/// One head of one sentence: context = dropout(softmax(QKᵀ/√d + relative)) V.
///
/// qkv points at the head's first query element, rows `stride` apart, keys and values `hidden` and 2 × hidden further;
/// bias likewise [3 × hidden]. context [length, head_size], rows `hidden` apart. log_sum [length] is kept for backward.
/// `first_row` numbers the rows of this head's attention matrix for dropout.
void mtt_attention_forward(const float *qkv, const float *bias, MTTRelativeBias relative, float *context,
                           float *log_sum, intptr_t length, intptr_t head_size, intptr_t hidden, intptr_t first_row,
                           MTTDropout dropout, float *scratch);

/// Replaces q, k, v by their gradients from d_context (laid out as context); adds their column sums to sum_bias, and
/// the gradient of the relative bias, if there is one, to sum_relative.
void mtt_attention_backward(float *qkv, const float *bias, MTTRelativeBias relative, const float *d_context,
                            const float *log_sum, float *sum_bias, float *sum_relative, intptr_t length,
                            intptr_t head_size, intptr_t hidden, intptr_t first_row, MTTDropout dropout,
                            float *scratch);

/// Sum of losses and count of correct rows of one cross-entropy.
typedef struct {
  double loss;
  intptr_t correct;
} MTTCrossEntropy;

/// Cross-entropy of logits + bias [rows, classes] against labels [rows]; labels outside 0..<classes take no part in
/// the loss. The target is 1 − smoothing on the label and smoothing / classes on every class. With `train` the logits
/// are replaced by gradient_scale × (softmax − target), or 0 without a label; otherwise by logits + bias. `predictions`
/// [rows] may be null.
MTTCrossEntropy mtt_cross_entropy(float *logits, const float *bias, const int32_t *labels, int32_t *predictions,
                                  intptr_t rows, intptr_t classes, float smoothing, bool train, float gradient_scale);

/// A linear chain over tags: scores of going from tag i to tag j [tags, tags], of starting and of ending [tags].
typedef struct {
  const float *transitions, *start, *end;
  /// exp(transitions) and its transpose, [tags, mtt_row_stride(tags)]; made by mtt_chain_exponentials.
  const float *exponentials, *exponentials_transposed;
  intptr_t tags;
} MTTChain;

/// Floats from row to row of matrices whose rows are padded to whole vectors.
intptr_t mtt_row_stride(intptr_t columns);

/// Fills exponentials and exponentials_transposed, [tags, mtt_row_stride(tags)] each.
void mtt_chain_exponentials(const float *transitions, intptr_t tags, float *exponentials, float *transposed);

/// Floats of scratch memory that a chain over `length` words needs.
intptr_t mtt_chain_scratch(intptr_t length, intptr_t tags);

/// Negative log-likelihood of one sentence's tags under a conditional random field (Lafferty et al. 2001).
///
/// logits [.., tags]; the chain goes through the rows rows[0], rows[1], … rows[length − 1], whose tags are labels[row].
/// With `train` these logits are replaced by gradient_scale × the loss's gradient, and the gradients of the transitions,
/// start and end are added to the three sums; otherwise the logits stay, and the sums may be null.
double mtt_chain_loss(float *logits, const int32_t *rows, const int32_t *labels, intptr_t length, const MTTChain *chain,
                      bool train, float gradient_scale, float *sum_transitions, float *sum_start, float *sum_end,
                      float *scratch);

/// Cross-entropy of one sentence's tags under a chain's marginals, Σ −log P(labels[row] | sentence) over the labelled rows
/// (Kakade, Teh and Roweis, ICML 2002); labels outside 0..<tags take no part in it.
///
/// Otherwise as mtt_chain_loss. `predictions` [.., its rows] gets the most probable tag of each row; it may be null.
MTTCrossEntropy mtt_chain_cross_entropy(float *logits, const int32_t *rows, const int32_t *labels, int32_t *predictions,
                                        intptr_t length, const MTTChain *chain, bool train, float gradient_scale,
                                        float *sum_transitions, float *sum_start, float *sum_end, float *scratch);

/// The best path through one sentence: path [length]. Uses transitions, start and end of the chain only.
void mtt_chain_decode(const float *logits, const int32_t *rows, intptr_t length, const MTTChain *chain, int32_t *path,
                      float *scratch);

/// The numbers of one AdamW step, common to all parameters.
typedef struct {
  float gradient_scale;  ///< Clipping's factor.
  float beta1, beta2, epsilon;
  float rest1, rest2;         ///< 1 − β₁ and 1 − β₂, which float32's β₂ would give to five digits only.
  float step_size;            ///< Learning rate ÷ (1 − β₁ᵗ).
  float inverse_correction2;  ///< 1 ÷ √(1 − β₂ᵗ).
  float keep;                 ///< 1 − learning rate × weight decay; 1 for parameters without decay.
} MTTAdamW;

/// One AdamW step on `count` parameters, with their gradients g.
void mtt_adamw(float *p, const float *g, float *m, float *v, intptr_t count, const MTTAdamW *step);

/// `steps` AdamW steps with gradient 0, bit for bit as mtt_adamw would take them one by one.
void mtt_adamw_idle(float *p, float *m, float *v, intptr_t count, const MTTAdamW *steps, intptr_t step_count);

/// out [columns, rows], rows `out_stride` apart, = xᵀ; x [rows, columns].
void mtt_transpose(const float *x, intptr_t rows, intptr_t columns, float *out, intptr_t out_stride);

/// Columns of a panel: the right factor of a product lies in panels [depth, width], the last one filled up with zeros.
intptr_t mtt_panel_width(void);

/// Writes rows first … first + outputs − 1 of a layer's weights, w [outputs, inputs], into panels of Wᵀ: the right
/// factor of x Wᵀ.
void mtt_pack_transposed(const float *w, intptr_t first, intptr_t outputs, intptr_t inputs, float *panels);

/// Writes rows first … first + rows − 1 of a right factor [depth, columns], w [rows, columns], into its panels.
void mtt_pack(const float *w, intptr_t first, intptr_t rows, intptr_t columns, intptr_t depth, float *panels);

/// c [rows, columns] = a [rows, depth] B, or c += a B, with B [depth, columns] in panels; rows of a and c lie `a_stride`
/// and `c_stride` apart.
///
/// Each element is one chain of multiply-adds in the order of the depth: the same bits for any number of other rows.
void mtt_product(const float *a, intptr_t a_stride, const float *panels, float *c, intptr_t c_stride, intptr_t rows,
                 intptr_t depth, intptr_t columns, bool add);

/// c [size, size] = a [size, depth] B where that is symmetric, with B [depth, size] in panels: the upper half is
/// computed as mtt_product does, the lower copied from it.
void mtt_symmetric_product(const float *a, const float *panels, float *c, intptr_t size, intptr_t depth);

/// Floats of scratch memory that a gradient of weights needs.
intptr_t mtt_weight_gradient_scratch(void);

/// dw [outputs, inputs] = dyᵀ x, or dw += dyᵀ x, with dy [rows, outputs] and x [rows, inputs]; each one's rows lie its
/// stride apart.
///
/// Each element is one chain of multiply-adds in the order of the rows.
void mtt_weight_gradient(const float *dy, intptr_t dy_stride, const float *x, intptr_t x_stride, float *dw,
                         intptr_t dw_stride, intptr_t rows, intptr_t inputs, intptr_t outputs, bool add,
                         float *scratch);

/// Whether this processor multiplies numbers in bfloat16 itself. The functions below may only be called where it does.
///
/// bfloat16 is the upper half of a float; rounding is to nearest, ties to even, denormal numbers become zero. The factors
/// are words of two neighbours of the depth, the first in the lower half; an odd depth is filled up with a zero. Sums
/// are float32, each one chain in the order of the depth.
bool mtt_has_bfloat16(void);

/// Rounds x [rows, columns], rows `stride` apart, to words [rows, (columns + 1) / 2]: the left factor of a product.
void mtt_bfloat16_words(const float *x, intptr_t stride, intptr_t rows, intptr_t columns, float *words);

/// As mtt_pack_transposed, to panels of words; inputs are the depth.
void mtt_bfloat16_pack_transposed(const float *w, intptr_t first, intptr_t outputs, intptr_t inputs, float *panels);

/// As mtt_pack, to panels of words; the matrix's `outputs` are the depth. Threads may write neighbouring rows at once.
void mtt_bfloat16_pack(const float *w, intptr_t first, intptr_t rows, intptr_t columns, intptr_t outputs,
                       float *panels);

/// As mtt_product, with a in words.
void mtt_bfloat16_product(const float *a, const float *panels, float *c, intptr_t c_stride, intptr_t rows,
                          intptr_t depth, intptr_t columns, bool add);

/// Floats of scratch memory that a gradient of weights needs.
intptr_t mtt_bfloat16_gradient_scratch(void);

/// As mtt_weight_gradient, with dy and x rounded.
void mtt_bfloat16_weight_gradient(const float *dy, intptr_t dy_stride, const float *x, intptr_t x_stride, float *dw,
                                  intptr_t dw_stride, intptr_t rows, intptr_t inputs, intptr_t outputs, bool add,
                                  float *scratch);

/// Σ x·y, in float lanes summed in a fixed order per 4,096 elements, the blocks in double.
double mtt_dot(const float *x, const float *y, intptr_t count);

/// out = a·x + b·y; out may be x or y.
void mtt_weighted_sum(float *out, float a, const float *x, float b, const float *y, intptr_t count);

/// out [columns] = sum of the given rows of x [.., columns], each times its weight if `weights` is not null.
void mtt_gather_sum(const float *x, const int32_t *rows, const float *weights, intptr_t row_count, intptr_t columns,
                    float *out);

/// out [columns] = sum of `row_count` vectors `stride` apart.
void mtt_strided_sum(const float *x, intptr_t row_count, intptr_t stride, intptr_t columns, float *out);

#include "kernel_tables.h"

#endif
