/* Octets, sixteen at a time: which of them are equal to one, or in a range, as a mask with one bit for each.
 *
 * SSE2 where the processor has it (every x86-64), one by one elsewhere. The caller sees to it that sixteen octets may
 * be read at the place.
 */
#ifndef PANSENTRY_OCTETS_H
#define PANSENTRY_OCTETS_H

#include <stddef.h>
#include <stdint.h>

#define STEP 16
#define LOW_HALF 0xFFFFu /* of a mask */

#if defined(__SSE2__) && !defined(WITHOUT_SSE2)
#include <emmintrin.h>

static inline uint32_t equal16(const uint8_t *at, uint8_t octet)
{
    const __m128i octets = _mm_loadu_si128((const __m128i *)at);
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(octets, _mm_set1_epi8((char)octet)));
}

/* low <= octet <= high, unsigned */
static inline uint32_t between16(const uint8_t *at, uint8_t low, uint8_t high)
{
    const __m128i moved = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)at), _mm_set1_epi8((char)low));
    const __m128i width = _mm_set1_epi8((char)(high - low));
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(moved, width), moved));
}

/* 0x80 <= octet: no ASCII */
static inline uint32_t high16(const uint8_t *at)
{
    return (uint32_t)_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)at));
}

#else

static inline uint32_t equal16(const uint8_t *at, uint8_t octet)
{
    uint32_t mask = 0;
    for (unsigned bit = 0; bit < STEP; bit++)
        mask |= (uint32_t)(at[bit] == octet) << bit;
    return mask;
}

static inline uint32_t between16(const uint8_t *at, uint8_t low, uint8_t high)
{
    uint32_t mask = 0;
    for (unsigned bit = 0; bit < STEP; bit++)
        mask |= (uint32_t)(at[bit] >= low && at[bit] <= high) << bit;
    return mask;
}

static inline uint32_t high16(const uint8_t *at)
{
    return between16(at, 0x80, 0xff);
}

#endif

/* The place of the lowest bit that is set; the mask is not 0. */
static inline unsigned lowest(uint32_t mask)
{
    return (unsigned)__builtin_ctz(mask);
}

#endif
