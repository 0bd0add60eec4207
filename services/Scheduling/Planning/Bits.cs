using System.Numerics;

namespace Tutti.Scheduling.Planning;

/// <summary>Units of time as bits.</summary>
internal static class Bits
{
    public static ulong[] Create(int units) => new ulong[(units + 63) >> 6];

    public static void Set(ulong[] bits, int at) => bits[at >> 6] |= 1UL << (at & 63);

    public static void Clear(ulong[] bits, int at) => bits[at >> 6] &= ~(1UL << (at & 63));

    public static void Fill(ulong[] bits, int from, int to, bool value)
    {
        for (var at = from; at < to;)
        {
            var word = at >> 6;
            var until = Math.Min(to, (word + 1) << 6);
            var mask = (ulong.MaxValue << (at & 63)) & (ulong.MaxValue >> (63 - ((until - 1) & 63)));
            if (value) bits[word] |= mask;
            else bits[word] &= ~mask;
            at = until;
        }
    }

    public static void Add(ulong[] bits, ulong[] more)
    {
        for (var word = 0; word < bits.Length; word++) bits[word] |= more[word];
    }

    /// <summary>The bits that are no further than <paramref name="by"/> from one that is set, of the first <paramref name="units"/>.</summary>
    public static void Widen(ulong[] bits, int by, ulong[] wide, int units)
    {
        Array.Clear(wide);
        for (var from = First(bits, 0, units); from < units;)
        {
            var to = from + 1;
            while (to < units && (bits[to >> 6] & (1UL << (to & 63))) != 0) to++;
            Fill(wide, Math.Max(0, from - by), Math.Min(units, to + by), true);
            from = First(bits, to, units);
        }
    }

    /// <summary>The last bit that is set in [from, to), or -1.</summary>
    public static int Last(ulong[] bits, int from, int to)
    {
        if (to <= from) return -1;
        var first = from >> 6;
        for (var word = (to - 1) >> 6; word >= first; word--)
        {
            var value = bits[word];
            if (word == (to - 1) >> 6) value &= ulong.MaxValue >> (63 - ((to - 1) & 63));
            if (word == first) value &= ulong.MaxValue << (from & 63);
            if (value != 0) return (word << 6) + 63 - BitOperations.LeadingZeroCount(value);
        }
        return -1;
    }

    /// <summary>The first bit that is set in [from, to), or <paramref name="to"/>.</summary>
    public static int First(ulong[] bits, int from, int to)
    {
        for (var word = from >> 6; word << 6 < to; word++)
        {
            var value = bits[word];
            if (word == from >> 6) value &= ulong.MaxValue << (from & 63);
            if (value != 0) return Math.Min(to, (word << 6) + BitOperations.TrailingZeroCount(value));
        }
        return to;
    }
}

/// <summary>A capacity over time of which experiments take one each: counts, and the units that are full as bits.</summary>
internal sealed class Capacity
{
    private readonly int[] left;

    public Capacity(int units, Func<int, int> capacity)
    {
        left = new int[units];
        Full = Bits.Create(units);
        for (var t = 0; t < units; t++)
        {
            left[t] = capacity(t);
            if (left[t] <= 0) Bits.Set(Full, t);
        }
    }

    public ulong[] Full { get; }

    public int Left(int at) => left[at];

    public void Take(int from, int to)
    {
        for (var t = from; t < to; t++)
            if (--left[t] == 0) Bits.Set(Full, t);
    }

    public void Give(int from, int to)
    {
        for (var t = from; t < to; t++)
            if (++left[t] == 1) Bits.Clear(Full, t);
    }
}

/// <summary>A small generator of random numbers: the same on every machine for a seed.</summary>
internal struct Dice(ulong seed)
{
    private ulong state = (seed * 0x9E3779B97F4A7C15UL) + 0x632BE59BD9B4E019UL;

    public ulong Next()
    {
        state += 0x9E3779B97F4A7C15UL;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 to below <paramref name="below"/>.</summary>
    public int Next(int below) => (int)((Next() >> 32) * (ulong)below >> 32);

    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    public void Shuffle(Span<int> values)
    {
        for (var i = values.Length - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }
}
