// Vectors of LANES floats and the few functions on them that the kernels share. Included once per instruction set,
// after LANES is set and the target attribute is pushed.
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef float vf __attribute__((ext_vector_type(LANES)));
typedef int32_t vi __attribute__((ext_vector_type(LANES)));
typedef uint32_t vu __attribute__((ext_vector_type(LANES)));
// The same in memory: any alignment, may alias anything.
typedef float vf_memory __attribute__((ext_vector_type(LANES), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))

INLINE vf splat(float x) { return (vf)(x); }
INLINE vf load(const float *p) { return *(const vf_memory *)p; }
INLINE void store(float *p, vf x) { *(vf_memory *)p = x; }

// The first `count` lanes; the rest 0.
static __attribute__((noinline)) vf load_some(const float *p, intptr_t count) {
  float lanes[LANES] = {0};
  memcpy(lanes, p, sizeof(float) * (size_t)count);
  return load(lanes);
}

static __attribute__((noinline)) void store_some(float *p, vf x, intptr_t count) {
  float lanes[LANES];
  store(lanes, x);
  memcpy(p, lanes, sizeof(float) * (size_t)count);
}

// Element j and on of a row of n.
INLINE vf load_at(const float *row, intptr_t j, intptr_t n) {
  return j + LANES <= n ? load(row + j) : load_some(row + j, n - j);
}

INLINE void store_at(float *row, intptr_t j, intptr_t n, vf x) {
  if (j + LANES <= n)
    store(row + j, x);
  else
    store_some(row + j, x, n - j);
}

INLINE vi lane_numbers(void) {
  vi lanes;
  for (int i = 0; i < LANES; i++) lanes[i] = i;
  return lanes;
}

// x in the first n − j lanes, `other` in the rest.
INLINE vf only_inside(vf x, intptr_t j, intptr_t n, float other) {
  if (j + LANES <= n) return x;
  return lane_numbers() < (vi)((int32_t)(n - j)) ? x : splat(other);
}

INLINE float sum_of(vf x) {
  float lanes[LANES];
  store(lanes, x);
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) lanes[i] += lanes[i + half];
  return lanes[0];
}

INLINE float max_of(vf x) {
  float lanes[LANES];
  store(lanes, x);
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++) lanes[i] = lanes[i] < lanes[i + half] ? lanes[i + half] : lanes[i];
  return lanes[0];
}

// a·b + c, rounded once where the instruction set can.
INLINE vf fma_of(vf a, vf b, vf c) {
#if defined(__x86_64__) && LANES == 4
  return a * b + c;
#else
  return __builtin_elementwise_fma(a, b, c);
#endif
}
INLINE vf sqrt_of(vf x) { return __builtin_elementwise_sqrt(x); }
INLINE vf abs_of(vf x) { return __builtin_elementwise_abs(x); }

// eˣ to about 1 ulp: 2ⁿ·eʳ with r in ±ln 2 / 2 and a polynomial of degree 6 (the coefficients are Cephes' expf's).
INLINE vf exp_of(vf x) {
  x = x < splat(-87.0f) ? splat(-87.0f) : x;
  x = x > splat(88.0f) ? splat(88.0f) : x;
  const vf magic = splat(12582912.0f);  // 1.5 · 2²³: adding it rounds to an integer in the low bits.
  vf shifted = fma_of(x, splat(1.44269504088896341f), magic);
  vf n = shifted - magic;
  vf r = fma_of(n, splat(-0.693359375f), x);
  r = fma_of(n, splat(2.12194440e-4f), r);
  vf p = splat(1.9875691500e-4f);
  p = fma_of(p, r, splat(1.3981999507e-3f));
  p = fma_of(p, r, splat(8.3334519073e-3f));
  p = fma_of(p, r, splat(4.1665795894e-2f));
  p = fma_of(p, r, splat(1.6666665459e-1f));
  p = fma_of(p, r, splat(5.0000001201e-1f));
  p = fma_of(p, r * r, r + splat(1.0f));
  vi exponent = (__builtin_convertvector(n, vi) + 127) << 23;
  return p * (vf)exponent;
}

INLINE vf tanh_of(vf x) {
  vf magnitude = abs_of(x);
  // Near 0 the quotient below loses digits: a polynomial there (Cephes' tanhf).
  vf square = x * x;
  vf p = splat(-5.70498872745e-3f);
  p = fma_of(p, square, splat(2.06390887954e-2f));
  p = fma_of(p, square, splat(-5.37397155531e-2f));
  p = fma_of(p, square, splat(1.33314422036e-1f));
  p = fma_of(p, square, splat(-3.33332819422e-1f));
  vf small = fma_of(p * square, x, x);
  vf large = splat(1.0f) - splat(2.0f) / (exp_of(splat(2.0f) * magnitude) + splat(1.0f));
  large = x < splat(0.0f) ? -large : large;
  return magnitude < splat(0.625f) ? small : large;
}

// Φ(x), the normal distribution function, and φ(x), its density: GELU(x) = x·Φ(x), GELU′(x) = Φ(x) + x·φ(x).
// erf by Abramowitz and Stegun 7.1.26: absolute error below 1.5e-7.
INLINE void normal_of(vf x, vf *distribution, vf *density) {
  vf z = abs_of(x) * splat(0.70710678118654752f);
  vf t = splat(1.0f) / fma_of(splat(0.3275911f), z, splat(1.0f));
  vf gauss = exp_of(-z * z);
  vf p = splat(1.061405429f);
  p = fma_of(p, t, splat(-1.453152027f));
  p = fma_of(p, t, splat(1.421413741f));
  p = fma_of(p, t, splat(-0.284496736f));
  p = fma_of(p, t, splat(0.254829592f));
  vf upper_tail = splat(0.5f) * p * t * gauss;
  *distribution = x < splat(0.0f) ? upper_tail : splat(1.0f) - upper_tail;
  *density = splat(0.39894228040143268f) * gauss;
}

// Dropout's random numbers: a row gets 64 random bits from (key, row); each column hashes with them.
typedef struct {
  uint32_t low, high;
} row_bits;

INLINE row_bits bits_of_row(uint64_t key, intptr_t row) {
  uint64_t z = mtt_mixed(key, (uint64_t)(row + 1));
  return (row_bits){(uint32_t)z, (uint32_t)(z >> 32)};
}

// The factors (0 or scale) of columns j … j + LANES − 1.
INLINE vf dropout_factors(row_bits bits, intptr_t j, MTTDropout dropout) {
  vu x = (vu)lane_numbers() + (uint32_t)j;
  x = (x ^ bits.low) * 0x7FEB352Du;
  x ^= x >> 15;
  x = (x + bits.high) * 0x846CA68Bu;
  x ^= x >> 16;
  vi kept = (vi)(x >= (vu)(dropout.threshold));
  return (vf)(kept & (vi)splat(dropout.scale));
}

INLINE vf dropped(vf x, row_bits bits, intptr_t j, MTTDropout dropout) {
  return dropout.threshold == 0 ? x : x * dropout_factors(bits, j, dropout);
}
