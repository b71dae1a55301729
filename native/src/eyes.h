/* Eyes for the first look (digits.c): what stands in 64 octets, with SSE2, AVX2 or octet by octet. The caller sees to it
 * that 64 octets may be read at the place.
 */
#ifndef PANSENTRY_EYES_H
#define PANSENTRY_EYES_H

#include "octets.h"

#define BLOCK 64

/* What stands in 64 octets, a bit for each; of what is rare only whether it does. */
typedef struct {
    uint64_t digits;
    uint64_t stops; /* what no row of digits goes past */
    uint64_t first; /* first octets of characters that may have to be folded */
    int is_ascii;
    int has_marks;
    int has_controls;
} Block;

/* Which first octets of characters, 0xC0 to 0xFF, the table has something for: a bit for each, and the same for two
 * looks by four bits: which of 0xC0, 0xD0, 0xE0, 0xF0 (a bit for each) make one with these lower four bits. */
typedef struct {
    uint64_t octets;
    uint8_t by_lower[16];
} Begins;

/* Each of these is compiled twice: for any processor, and for one with AVX2, which takes 32 octets at a time. */
typedef struct {
    void (*look)(const uint8_t *at, Block *block);
    void (*look_beyond)(const uint8_t *at, const Begins *begins, Block *block);
    uint64_t (*look_for)(const uint8_t *at, uint8_t letter);
} Eyes;

#define INLINE static inline __attribute__((always_inline))

#if defined(__SSE2__) && !defined(WITHOUT_SSE2)

INLINE __m128i between(__m128i octets, uint8_t low, uint8_t high)
{
    const __m128i moved = _mm_sub_epi8(octets, _mm_set1_epi8((char)low));
    return _mm_cmpeq_epi8(_mm_min_epu8(moved, _mm_set1_epi8((char)(high - low))), moved);
}

INLINE __m128i equal(__m128i octets, uint8_t octet)
{
    return _mm_cmpeq_epi8(octets, _mm_set1_epi8((char)octet));
}

INLINE uint64_t mask(__m128i told, unsigned step)
{
    return (uint64_t)(uint32_t)_mm_movemask_epi8(told) << step;
}

INLINE void look_sse2(const uint8_t *at, Block *block)
{
    __m128i marks = _mm_setzero_si128(), controls = marks, high = marks;
    block->digits = block->stops = block->first = 0;
    for (unsigned step = 0; step < BLOCK; step += STEP) {
        const __m128i octets = _mm_loadu_si128((const __m128i *)(at + step));
        const __m128i letters = between(_mm_or_si128(octets, _mm_set1_epi8(0x20)), 'a', 'z');
        marks = _mm_or_si128(marks, _mm_or_si128(between(octets, '%', '&'), equal(octets, '^')));
        controls = _mm_or_si128(controls, _mm_or_si128(between(octets, 0x00, 0x08), between(octets, 0x0E, 0x1B)));
        controls = _mm_or_si128(controls, equal(octets, 0x7F));
        high = _mm_or_si128(high, octets);
        block->digits |= mask(between(octets, '0', '9'), step);
        block->stops |= mask(letters, step);
    }
    block->is_ascii = _mm_movemask_epi8(high) == 0;
    block->has_marks = _mm_movemask_epi8(marks) != 0;
    block->has_controls = _mm_movemask_epi8(controls) != 0;
}

INLINE void look_beyond_sse2(const uint8_t *at, const Begins *begins, Block *block)
{
    for (unsigned step = 0; step < BLOCK; step += STEP) {
        const __m128i octets = _mm_loadu_si128((const __m128i *)(at + step));
        const __m128i gaps = _mm_or_si128(between(octets, 0xE2, 0xE3), equal(octets, 0xEF));
        block->stops |= mask(_mm_andnot_si128(gaps, between(octets, 0xC3, 0xFF)), step);
        block->first |= mask(between(octets, 0xC0, 0xFF), step);
    }
    uint64_t first = block->first;
    for (block->first = 0; first != 0; first &= first - 1) {
        const unsigned place = (unsigned)__builtin_ctzll(first);
        block->first |= (begins->octets >> (at[place] - 0xC0) & 1) << place;
    }
}

INLINE uint64_t look_for_sse2(const uint8_t *at, uint8_t letter)
{
    const __m128i small = _mm_set1_epi8(0x20);
    uint64_t found = 0;
    for (unsigned step = 0; step < BLOCK; step += STEP)
        found |= mask(equal(_mm_or_si128(_mm_loadu_si128((const __m128i *)(at + step)), small), letter), step);
    return found;
}

#else

INLINE void look_plainly(const uint8_t *at, Block *block)
{
    block->digits = block->stops = block->first = 0;
    block->has_marks = block->has_controls = 0;
    block->is_ascii = 1;
    for (unsigned place = 0; place < BLOCK; place++) {
        const uint8_t octet = at[place], lower = octet | 0x20;
        block->digits |= (uint64_t)(octet >= '0' && octet <= '9') << place;
        block->stops |= (uint64_t)(lower >= 'a' && lower <= 'z') << place;
        block->is_ascii &= octet < 0x80;
        block->has_marks |= octet == '%' || octet == '&' || octet == '^';
        block->has_controls |= octet <= 0x08 || (octet >= 0x0E && octet <= 0x1B) || octet == 0x7F;
    }
}

INLINE void look_beyond_plainly(const uint8_t *at, const Begins *begins, Block *block)
{
    for (unsigned place = 0; place < BLOCK; place++) {
        const uint8_t octet = at[place];
        if (octet >= 0xC3 && octet != 0xE2 && octet != 0xE3 && octet != 0xEF)
            block->stops |= (uint64_t)1 << place;
        if (octet >= 0xC0)
            block->first |= (begins->octets >> (octet - 0xC0) & 1) << place;
    }
}

INLINE uint64_t look_for_plainly(const uint8_t *at, uint8_t letter)
{
    uint64_t found = 0;
    for (unsigned place = 0; place < BLOCK; place++)
        found |= (uint64_t)((at[place] | 0x20) == letter) << place;
    return found;
}

#endif

#if defined(__x86_64__) && !defined(WITHOUT_AVX2)
#include <immintrin.h>

#define WITH_AVX2 __attribute__((target("avx2")))

WITH_AVX2 INLINE __m256i between_avx2(__m256i octets, uint8_t low, uint8_t high)
{
    const __m256i moved = _mm256_sub_epi8(octets, _mm256_set1_epi8((char)low));
    return _mm256_cmpeq_epi8(_mm256_min_epu8(moved, _mm256_set1_epi8((char)(high - low))), moved);
}

WITH_AVX2 INLINE __m256i equal_avx2(__m256i octets, uint8_t octet)
{
    return _mm256_cmpeq_epi8(octets, _mm256_set1_epi8((char)octet));
}

WITH_AVX2 INLINE uint64_t mask_avx2(__m256i told, unsigned step)
{
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(told) << step;
}

WITH_AVX2 INLINE void look_avx2(const uint8_t *at, Block *block)
{
    __m256i marks = _mm256_setzero_si256(), controls = marks, high = marks;
    block->digits = block->stops = block->first = 0;
    for (unsigned step = 0; step < BLOCK; step += 32) {
        const __m256i octets = _mm256_loadu_si256((const __m256i *)(at + step));
        const __m256i letters = between_avx2(_mm256_or_si256(octets, _mm256_set1_epi8(0x20)), 'a', 'z');
        marks = _mm256_or_si256(marks, _mm256_or_si256(between_avx2(octets, '%', '&'), equal_avx2(octets, '^')));
        controls = _mm256_or_si256(controls, between_avx2(octets, 0x00, 0x08));
        controls = _mm256_or_si256(controls, between_avx2(octets, 0x0E, 0x1B));
        controls = _mm256_or_si256(controls, equal_avx2(octets, 0x7F));
        high = _mm256_or_si256(high, octets);
        block->digits |= mask_avx2(between_avx2(octets, '0', '9'), step);
        block->stops |= mask_avx2(letters, step);
    }
    block->is_ascii = _mm256_movemask_epi8(high) == 0;
    block->has_marks = _mm256_movemask_epi8(marks) != 0;
    block->has_controls = _mm256_movemask_epi8(controls) != 0;
}

WITH_AVX2 INLINE void look_beyond_avx2(const uint8_t *at, const Begins *begins, Block *block)
{
    const __m128i lower_half = _mm_loadu_si128((const __m128i *)begins->by_lower);
    const __m256i by_lower = _mm256_broadcastsi128_si256(lower_half), low = _mm256_set1_epi8(0x0F);
    const __m256i by_upper = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8));
    for (unsigned step = 0; step < BLOCK; step += 32) {
        const __m256i octets = _mm256_loadu_si256((const __m256i *)(at + step));
        const __m256i gaps = _mm256_or_si256(between_avx2(octets, 0xE2, 0xE3), equal_avx2(octets, 0xEF));
        block->stops |= mask_avx2(_mm256_andnot_si256(gaps, between_avx2(octets, 0xC3, 0xFF)), step);
        const __m256i upper = _mm256_shuffle_epi8(by_upper, _mm256_and_si256(_mm256_srli_epi16(octets, 4), low));
        const __m256i told = _mm256_and_si256(upper, _mm256_shuffle_epi8(by_lower, _mm256_and_si256(octets, low)));
        block->first |= ~mask_avx2(_mm256_cmpeq_epi8(told, _mm256_setzero_si256()), step) & (0xFFFFFFFFull << step);
    }
}

WITH_AVX2 INLINE uint64_t look_for_avx2(const uint8_t *at, uint8_t letter)
{
    const __m256i small = _mm256_set1_epi8(0x20);
    const __m256i one = _mm256_or_si256(_mm256_loadu_si256((const __m256i *)at), small);
    const __m256i other = _mm256_or_si256(_mm256_loadu_si256((const __m256i *)(at + 32)), small);
    return mask_avx2(equal_avx2(one, letter), 0) | mask_avx2(equal_avx2(other, letter), 32);
}

#endif

#endif
