using System.Numerics;
using System.Runtime.InteropServices;

namespace Tutti.Reduction.Numerics;

/// <summary>A plane (Givens) rotation of two vectors of equal length.</summary>
internal static class Rotation
{
    /// <summary>first := cosine first - sine second; second := sine first + cosine second.</summary>
    public static void Apply(Span<double> first, Span<double> second, double cosine, double sine)
    {
        var firstLanes = MemoryMarshal.Cast<double, Vector<double>>(first);
        var secondLanes = MemoryMarshal.Cast<double, Vector<double>>(second[..first.Length]);
        for (var lane = 0; lane < firstLanes.Length; lane++)
        {
            var (a, b) = (firstLanes[lane], secondLanes[lane]);
            firstLanes[lane] = a * cosine - b * sine;
            secondLanes[lane] = a * sine + b * cosine;
        }
        for (var index = firstLanes.Length * Vector<double>.Count; index < first.Length; index++)
        {
            var (a, b) = (first[index], second[index]);
            first[index] = a * cosine - b * sine;
            second[index] = a * sine + b * cosine;
        }
    }
}
