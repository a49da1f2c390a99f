// Every kernel that exists once per instruction set: X(result, name, (parameters), (arguments)).
#define KERNEL_LIST(X)                                                                                                 \
  X(void, mtt_dropout, (const float *x, float *out, intptr_t rows, intptr_t columns, intptr_t first_row,               \
    MTTDropout dropout), (x, out, rows, columns, first_row, dropout))                                                  \
  X(void, mtt_embed_forward, (const MTTEmbedding *embedding, const float *gamma, const float *beta, float              \
    epsilon, float *out, float *normalized, float *inverse_deviation, intptr_t rows, intptr_t hidden, intptr_t         \
    first_row, MTTDropout dropout), (embedding, gamma, beta, epsilon, out, normalized, inverse_deviation, rows,        \
    hidden, first_row, dropout))                                                                                       \
  X(void, mtt_embed_backward, (const float *d_out, const float *normalized, const float *inverse_deviation,            \
    const float *gamma, float *dx, float *sum_gamma, float *sum_beta, intptr_t rows, intptr_t hidden, intptr_t         \
    first_row, MTTDropout dropout), (d_out, normalized, inverse_deviation, gamma, dx, sum_gamma, sum_beta, rows,       \
    hidden, first_row, dropout))                                                                                       \
  X(void, mtt_add_norm_forward, (const float *y, const float *bias, const float *residual, const float *gamma,         \
    const float *beta, float epsilon, float *sum, float *out, float *normalized, float *inverse_deviation,             \
    intptr_t rows, intptr_t hidden, intptr_t first_row, MTTDropout dropout), (y, bias, residual, gamma, beta,          \
    epsilon, sum, out, normalized, inverse_deviation, rows, hidden, first_row, dropout))                               \
  X(void, mtt_add_norm_backward, (const float *d_out, const float *d_later, float *normalized, const float             \
    *inverse_deviation, const float *gamma, float *d_sum, float *sum_gamma, float *sum_beta, float *sum_bias,          \
    intptr_t rows, intptr_t hidden, intptr_t first_row, MTTDropout dropout), (d_out, d_later, normalized,              \
    inverse_deviation, gamma, d_sum, sum_gamma, sum_beta, sum_bias, rows, hidden, first_row, dropout))                 \
  X(void, mtt_gather_neighbours, (const float *x, float *out, intptr_t length, intptr_t hidden), (x, out,              \
    length, hidden))                                                                                                   \
  X(void, mtt_scatter_neighbours, (const float *d, float *dx, intptr_t length, intptr_t hidden, bool add), (d,         \
    dx, length, hidden, add))                                                                                          \
  X(void, mtt_gelu_forward, (float *x, const float *bias, float *out, intptr_t rows, intptr_t columns, intptr_t        \
    stride), (x, bias, out, rows, columns, stride))                                                                    \
  X(void, mtt_gelu_backward, (float *derivative, const float *d_out, float *sum_bias, intptr_t rows, intptr_t          \
    columns, intptr_t stride), (derivative, d_out, sum_bias, rows, columns, stride))                                   \
  X(void, mtt_tanh_forward, (float *x, const float *bias, intptr_t rows, intptr_t columns), (x, bias, rows,            \
    columns))                                                                                                          \
  X(void, mtt_tanh_backward, (float *d, const float *y, float *sum_bias, intptr_t rows, intptr_t columns,              \
    intptr_t first_row, MTTDropout dropout), (d, y, sum_bias, rows, columns, first_row, dropout))                      \
  X(void, mtt_column_sums, (const float *x, float *sum, intptr_t rows, intptr_t columns), (x, sum, rows,               \
    columns))                                                                                                          \
  X(intptr_t, mtt_attention_scratch, (intptr_t length, intptr_t head_size), (length, head_size))                       \
  X(void, mtt_attention_forward, (const float *qkv, const float *bias, MTTRelativeBias relative, float *context,       \
    float *log_sum, intptr_t length, intptr_t head_size, intptr_t hidden, intptr_t first_row, MTTDropout               \
    dropout, float *scratch), (qkv, bias, relative, context, log_sum, length, head_size, hidden, first_row,            \
    dropout, scratch))                                                                                                 \
  X(void, mtt_attention_backward, (float *qkv, const float *bias, MTTRelativeBias relative, const float                \
    *d_context, const float *log_sum, float *sum_bias, float *sum_relative, intptr_t length, intptr_t head_size,       \
    intptr_t hidden, intptr_t first_row, MTTDropout dropout, float *scratch), (qkv, bias, relative, d_context,         \
    log_sum, sum_bias, sum_relative, length, head_size, hidden, first_row, dropout, scratch))                          \
  X(MTTCrossEntropy, mtt_cross_entropy, (float *logits, const float *bias, const int32_t *labels, int32_t              \
    *predictions, intptr_t rows, intptr_t classes, float smoothing, bool train, float gradient_scale), (logits,        \
    bias, labels, predictions, rows, classes, smoothing, train, gradient_scale))                                       \
  X(intptr_t, mtt_row_stride, (intptr_t columns), (columns))                                                           \
  X(void, mtt_chain_exponentials, (const float *transitions, intptr_t tags, float *exponentials, float                 \
    *transposed), (transitions, tags, exponentials, transposed))                                                       \
  X(intptr_t, mtt_chain_scratch, (intptr_t length, intptr_t tags), (length, tags))                                     \
  X(double, mtt_chain_loss, (float *logits, const int32_t *rows, const int32_t *labels, intptr_t length, const         \
    MTTChain *chain, bool train, float gradient_scale, float *sum_transitions, float *sum_start, float *sum_end,       \
    float *scratch), (logits, rows, labels, length, chain, train, gradient_scale, sum_transitions, sum_start,          \
    sum_end, scratch))                                                                                                 \
  X(MTTCrossEntropy, mtt_chain_cross_entropy, (float *logits, const int32_t *rows, const int32_t *labels, int32_t      \
    *predictions, intptr_t length, const MTTChain *chain, bool train, float gradient_scale, float                      \
    *sum_transitions, float *sum_start, float *sum_end, float *scratch), (logits, rows, labels, predictions,           \
    length, chain, train, gradient_scale, sum_transitions, sum_start, sum_end, scratch))                               \
  X(void, mtt_chain_decode, (const float *logits, const int32_t *rows, intptr_t length, const MTTChain *chain,         \
    int32_t *path, float *scratch), (logits, rows, length, chain, path, scratch))                                      \
  X(void, mtt_adamw, (float *p, const float *g, float *m, float *v, intptr_t count, const MTTAdamW *step), (p,         \
    g, m, v, count, step))                                                                                             \
  X(void, mtt_adamw_idle, (float *p, float *m, float *v, intptr_t count, const MTTAdamW *steps, intptr_t               \
    step_count), (p, m, v, count, steps, step_count))                                                                  \
  X(void, mtt_transpose, (const float *x, intptr_t rows, intptr_t columns, float *out, intptr_t out_stride), (x,       \
    rows, columns, out, out_stride))                                                                                   \
  X(intptr_t, mtt_panel_width, (void), ())                                                                             \
  X(void, mtt_pack_transposed, (const float *w, intptr_t first, intptr_t outputs, intptr_t inputs, float *panels),     \
    (w, first, outputs, inputs, panels))                                                                               \
  X(void, mtt_pack, (const float *w, intptr_t first, intptr_t rows, intptr_t columns, intptr_t depth, float            \
    *panels), (w, first, rows, columns, depth, panels))                                                                \
  X(void, mtt_product, (const float *a, intptr_t a_stride, const float *panels, float *c, intptr_t c_stride,           \
    intptr_t rows, intptr_t depth, intptr_t columns, bool add), (a, a_stride, panels, c, c_stride, rows, depth,        \
    columns, add))                                                                                                     \
  X(void, mtt_symmetric_product, (const float *a, const float *panels, float *c, intptr_t size, intptr_t depth), (a,   \
    panels, c, size, depth))                                                                                           \
  X(intptr_t, mtt_weight_gradient_scratch, (void), ())                                                                 \
  X(void, mtt_weight_gradient, (const float *dy, intptr_t dy_stride, const float *x, intptr_t x_stride, float *dw,     \
    intptr_t dw_stride, intptr_t rows, intptr_t inputs, intptr_t outputs, bool add, float *scratch), (dy, dy_stride,   \
    x, x_stride, dw, dw_stride, rows, inputs, outputs, add, scratch))                                                  \
  X(double, mtt_dot, (const float *x, const float *y, intptr_t count), (x, y, count))                                  \
  X(void, mtt_weighted_sum, (float *out, float a, const float *x, float b, const float *y, intptr_t count), (out,      \
    a, x, b, y, count))                                                                                                \
  X(void, mtt_gather_sum, (const float *x, const int32_t *rows, const float *weights, intptr_t row_count, intptr_t     \
    columns, float *out), (x, rows, weights, row_count, columns, out))                                                 \
  X(void, mtt_strided_sum, (const float *x, intptr_t row_count, intptr_t stride, intptr_t columns, float *out),        \
    (x, row_count, stride, columns, out))

// Every kernel of products in bfloat16, likewise.
#define BFLOAT16_LIST(X)                                                                                               \
  X(void, mtt_bfloat16_words, (const float *x, intptr_t stride, intptr_t rows, intptr_t columns, float *words), (x,    \
    stride, rows, columns, words))                                                                                     \
  X(void, mtt_bfloat16_pack_transposed, (const float *w, intptr_t first, intptr_t outputs, intptr_t inputs, float      \
    *panels), (w, first, outputs, inputs, panels))                                                                     \
  X(void, mtt_bfloat16_pack, (const float *w, intptr_t first, intptr_t rows, intptr_t columns, intptr_t outputs,       \
    float *panels), (w, first, rows, columns, outputs, panels))                                                        \
  X(void, mtt_bfloat16_product, (const float *a, const float *panels, float *c, intptr_t c_stride, intptr_t rows,      \
    intptr_t depth, intptr_t columns, bool add), (a, panels, c, c_stride, rows, depth, columns, add))                  \
  X(intptr_t, mtt_bfloat16_gradient_scratch, (void), ())                                                               \
  X(void, mtt_bfloat16_weight_gradient, (const float *dy, intptr_t dy_stride, const float *x, intptr_t x_stride,       \
    float *dw, intptr_t dw_stride, intptr_t rows, intptr_t inputs, intptr_t outputs, bool add, float *scratch), (dy,   \
    dy_stride, x, x_stride, dw, dw_stride, rows, inputs, outputs, add, scratch))
