namespace Tutti.Reduction.Numerics;

/// <summary>
/// Random numbers that are the same for the same seed on every run: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014) for uniform values, the method of
/// Box and Muller for normal ones.
/// </summary>
public sealed class SeededNoise(ulong seed)
{
    private ulong state = seed;
    private double? kept;

    /// <summary>Uniform in [0, 1).</summary>
    public double Uniform()
    {
        state += 0x9E3779B97F4A7C15;
        var mixed = state;
        mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
        return ((mixed ^ mixed >> 31) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>Uniform in [low, high).</summary>
    public double Uniform(double low, double high) => low + (high - low) * Uniform();

    /// <summary>Uniform among 0 .. count - 1.</summary>
    public int Below(int count) => (int)(Uniform() * count);

    /// <summary>Normal with mean 0 and standard deviation 1.</summary>
    public double Normal()
    {
        if (kept is { } value)
        {
            kept = null;
            return value;
        }
        var radius = Math.Sqrt(-2 * Math.Log(1 - Uniform()));
        var (sine, cosine) = Math.SinCos(2 * Math.PI * Uniform());
        kept = radius * sine;
        return radius * cosine;
    }
}
