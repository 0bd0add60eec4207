using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Tutti.Reduction.Benchmarks;

/// <summary>What one core of the machine can do, to hold the kernels against.</summary>
internal static class Machine
{
    /// <summary>Bytes per second that a sum over 512 MiB reads.</summary>
    public static double ReadBandwidth()
    {
        var values = new double[64 << 20];
        Array.Fill(values, 1.0);
        var (best, sum) = (double.MaxValue, 0.0);
        for (var round = 0; round < 5; round++)
        {
            var start = Stopwatch.GetTimestamp();
            sum += TensorPrimitives.Sum<double>(values);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return sum > 0 ? values.Length * sizeof(double) / best : 0;
    }

    /// <summary>Float64 operations per second of fused multiply-adds in registers.</summary>
    public static double Flops()
    {
        const int rounds = 20_000_000;
        var best = double.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var start = Stopwatch.GetTimestamp();
            GC.KeepAlive(Chains(rounds));
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return 2.0 * 12 * Vector512<double>.Count * rounds / best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Chains(int rounds)
    {
        var (x, y) = (Vector512.Create(0.999999), Vector512.Create(1e-7));
        Vector512<double> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (var round = 0; round < rounds; round++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y);
            b = Vector512.FusedMultiplyAdd(b, x, y);
            c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y);
            e = Vector512.FusedMultiplyAdd(e, x, y);
            f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y);
            h = Vector512.FusedMultiplyAdd(h, x, y);
            i = Vector512.FusedMultiplyAdd(i, x, y);
            j = Vector512.FusedMultiplyAdd(j, x, y);
            k = Vector512.FusedMultiplyAdd(k, x, y);
            l = Vector512.FusedMultiplyAdd(l, x, y);
        }
        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}
