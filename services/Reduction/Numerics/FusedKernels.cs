using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// The two inner loops of an ALS iteration. Each reads a spectrum of D once: the first takes its products with S and what the model of the previous
/// iteration leaves of it, the second adds it to C'D. Components go through in panels of up to four.
/// </summary>
internal static class FusedKernels
{
    private const int PanelWidth = 4;

    /// <summary>
    /// For spectra first and first + 1 of <paramref name="data"/> (the last alone where <paramref name="second"/> is false): products with all rows
    /// of S into <paramref name="products"/>[component * stride + position], and the sum of squares of d - c S with the previous c; returns that
    /// sum.
    /// </summary>
    public static double ProductsAndResidual(
        ReadOnlySpan<double> data, int channels, int first, bool second, ReadOnlySpan<double> spectra, int components,
        ReadOnlySpan<double> previous, int previousStride, int spectrum, Span<double> products, int stride, int position, Span<double> leftOver) =>
        Vector512.IsHardwareAccelerated
            ? ProductsAndResidual<Lanes512, Vector512<double>>(
                data, channels, first, second, spectra, components, previous, previousStride, spectrum, products, stride, position, leftOver)
            : ProductsAndResidual<Lanes256, Vector256<double>>(
                data, channels, first, second, spectra, components, previous, previousStride, spectrum, products, stride, position, leftOver);

    /// <summary>Adds c d' of up to four spectra to C'D (components x channels).</summary>
    public static void Accumulate(
        ReadOnlySpan<double> data, int channels, int first, int count, ReadOnlySpan<double> concentrations, int stride, int spectrum, int components,
        Span<double> sums)
    {
        if (Vector512.IsHardwareAccelerated)
            Accumulate<Lanes512, Vector512<double>>(data, channels, first, count, concentrations, stride, spectrum, components, sums);
        else
            Accumulate<Lanes256, Vector256<double>>(data, channels, first, count, concentrations, stride, spectrum, components, sums);
    }

    private static double ProductsAndResidual<TLanes, TVector>(
        ReadOnlySpan<double> data, int channels, int first, bool second, ReadOnlySpan<double> spectra, int components,
        ReadOnlySpan<double> previous, int previousStride, int spectrum, Span<double> products, int stride, int position, Span<double> leftOver)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        Span<double> c = stackalloc double[2 * PanelWidth];
        Span<double> dots = stackalloc double[2 * PanelWidth];
        var upper = data.Slice(first * channels, channels);
        var lower = second ? data.Slice((first + 1) * channels, channels) : upper;
        var upperRest = leftOver[..channels];
        var lowerRest = leftOver.Slice(channels, channels);
        double upperSquares = 0, lowerSquares = 0;
        for (var panel = 0; panel < components; panel += PanelWidth)
        {
            var width = Math.Min(PanelWidth, components - panel);
            for (var index = 0; index < width; index++)
            {
                c[index] = previous[(panel + index) * previousStride + spectrum];
                c[PanelWidth + index] = second ? previous[(panel + index) * previousStride + spectrum + 1] : 0;
            }
            var opening = panel == 0;
            var closing = panel + width == components;
            var rows = spectra.Slice(panel * channels, width * channels);
            switch (width)
            {
                case 1: Pair<TLanes, TVector, Panel1>(upper, lower, rows, c, dots, opening, closing, upperRest, lowerRest, ref upperSquares,
                    ref lowerSquares); break;
                case 2: Pair<TLanes, TVector, Panel2>(upper, lower, rows, c, dots, opening, closing, upperRest, lowerRest, ref upperSquares,
                    ref lowerSquares); break;
                case 3: Pair<TLanes, TVector, Panel3>(upper, lower, rows, c, dots, opening, closing, upperRest, lowerRest, ref upperSquares,
                    ref lowerSquares); break;
                default: Pair<TLanes, TVector, Panel4>(upper, lower, rows, c, dots, opening, closing, upperRest, lowerRest, ref upperSquares,
                    ref lowerSquares); break;
            }
            for (var index = 0; index < width; index++)
            {
                products[(panel + index) * stride + position] = dots[index];
                if (second) products[(panel + index) * stride + position + 1] = dots[PanelWidth + index];
            }
        }
        return second ? upperSquares + lowerSquares : upperSquares;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pair<TLanes, TVector, TPanel>(
        ReadOnlySpan<double> upper, ReadOnlySpan<double> lower, ReadOnlySpan<double> spectra, ReadOnlySpan<double> c, Span<double> dots,
        bool opening, bool closing, Span<double> upperRest, Span<double> lowerRest, ref double upperSquares, ref double lowerSquares)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
        where TPanel : struct, IPanel
    {
        var channels = upper.Length;
        ref readonly var u = ref upper[0];
        ref readonly var l = ref lower[0];
        ref readonly var s = ref spectra[0];
        ref var uRest = ref upperRest[0];
        ref var lRest = ref lowerRest[0];
        TVector cu0 = TLanes.Broadcast(c[0]), cl0 = TLanes.Broadcast(c[4]);
        TVector cu1 = TLanes.Broadcast(c[1]), cl1 = TLanes.Broadcast(c[5]);
        TVector cu2 = TLanes.Broadcast(c[2]), cl2 = TLanes.Broadcast(c[6]);
        TVector cu3 = TLanes.Broadcast(c[3]), cl3 = TLanes.Broadcast(c[7]);
        var zero = TLanes.Broadcast(0);
        TVector u0 = zero, u1 = zero, u2 = zero, u3 = zero, l0 = zero, l1 = zero, l2 = zero, l3 = zero, uSquares = zero, lSquares = zero;
        var channel = 0;
        for (; channel + TLanes.Count <= channels; channel += TLanes.Count)
        {
            var at = (nuint)channel;
            var ud = TLanes.Load(in u, at);
            var ld = TLanes.Load(in l, at);
            var ue = opening ? ud : TLanes.Load(in uRest, at);
            var le = opening ? ld : TLanes.Load(in lRest, at);
            var row = TLanes.Load(in s, at);
            u0 = TLanes.MultiplyAdd(ud, row, u0);
            l0 = TLanes.MultiplyAdd(ld, row, l0);
            ue = TLanes.MultiplySubtract(cu0, row, ue);
            le = TLanes.MultiplySubtract(cl0, row, le);
            if (TPanel.Width > 1)
            {
                row = TLanes.Load(in s, at + (nuint)channels);
                u1 = TLanes.MultiplyAdd(ud, row, u1);
                l1 = TLanes.MultiplyAdd(ld, row, l1);
                ue = TLanes.MultiplySubtract(cu1, row, ue);
                le = TLanes.MultiplySubtract(cl1, row, le);
            }
            if (TPanel.Width > 2)
            {
                row = TLanes.Load(in s, at + 2 * (nuint)channels);
                u2 = TLanes.MultiplyAdd(ud, row, u2);
                l2 = TLanes.MultiplyAdd(ld, row, l2);
                ue = TLanes.MultiplySubtract(cu2, row, ue);
                le = TLanes.MultiplySubtract(cl2, row, le);
            }
            if (TPanel.Width > 3)
            {
                row = TLanes.Load(in s, at + 3 * (nuint)channels);
                u3 = TLanes.MultiplyAdd(ud, row, u3);
                l3 = TLanes.MultiplyAdd(ld, row, l3);
                ue = TLanes.MultiplySubtract(cu3, row, ue);
                le = TLanes.MultiplySubtract(cl3, row, le);
            }
            if (closing)
            {
                uSquares = TLanes.MultiplyAdd(ue, ue, uSquares);
                lSquares = TLanes.MultiplyAdd(le, le, lSquares);
            }
            else
            {
                TLanes.Store(ue, ref uRest, at);
                TLanes.Store(le, ref lRest, at);
            }
        }
        (dots[0], dots[4]) = (TLanes.Sum(u0), TLanes.Sum(l0));
        (dots[1], dots[5]) = (TLanes.Sum(u1), TLanes.Sum(l1));
        (dots[2], dots[6]) = (TLanes.Sum(u2), TLanes.Sum(l2));
        (dots[3], dots[7]) = (TLanes.Sum(u3), TLanes.Sum(l3));
        if (closing)
        {
            upperSquares += TLanes.Sum(uSquares);
            lowerSquares += TLanes.Sum(lSquares);
        }
        for (; channel < channels; channel++)
        {
            var ue = opening ? upper[channel] : upperRest[channel];
            var le = opening ? lower[channel] : lowerRest[channel];
            for (var index = 0; index < TPanel.Width; index++)
            {
                var value = spectra[index * channels + channel];
                dots[index] += upper[channel] * value;
                dots[PanelWidth + index] += lower[channel] * value;
                ue -= c[index] * value;
                le -= c[PanelWidth + index] * value;
            }
            if (closing)
            {
                upperSquares += ue * ue;
                lowerSquares += le * le;
            }
            else (upperRest[channel], lowerRest[channel]) = (ue, le);
        }
    }

    private static void Accumulate<TLanes, TVector>(
        ReadOnlySpan<double> data, int channels, int first, int count, ReadOnlySpan<double> concentrations, int stride, int spectrum, int components,
        Span<double> sums)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        Span<double> c = stackalloc double[4 * PanelWidth];
        for (var panel = 0; panel < components; panel += PanelWidth)
        {
            var width = Math.Min(PanelWidth, components - panel);
            for (var index = 0; index < width; index++)
                for (var row = 0; row < 4; row++)
                    c[row * PanelWidth + index] = row < count ? concentrations[(panel + index) * stride + spectrum + row] : 0;
            var target = sums.Slice(panel * channels, width * channels);
            switch (width)
            {
                case 1: AddFour<TLanes, TVector, Panel1>(data, channels, first, count, c, target); break;
                case 2: AddFour<TLanes, TVector, Panel2>(data, channels, first, count, c, target); break;
                case 3: AddFour<TLanes, TVector, Panel3>(data, channels, first, count, c, target); break;
                default: AddFour<TLanes, TVector, Panel4>(data, channels, first, count, c, target); break;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFour<TLanes, TVector, TPanel>(ReadOnlySpan<double> data, int channels, int first, int count, ReadOnlySpan<double> c,
        Span<double> sums)
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
        where TPanel : struct, IPanel
    {
        // Where fewer than four spectra are left the last one stands in with zero concentration.
        ref readonly var a = ref data.Slice(first * channels, channels)[0];
        ref readonly var b = ref data.Slice((first + Math.Min(1, count - 1)) * channels, channels)[0];
        ref readonly var d = ref data.Slice((first + Math.Min(2, count - 1)) * channels, channels)[0];
        ref readonly var e = ref data.Slice((first + Math.Min(3, count - 1)) * channels, channels)[0];
        ref var sum = ref sums[0];
        TVector a0 = TLanes.Broadcast(c[0]), b0 = TLanes.Broadcast(c[4]), d0 = TLanes.Broadcast(c[8]), e0 = TLanes.Broadcast(c[12]);
        TVector a1 = TLanes.Broadcast(c[1]), b1 = TLanes.Broadcast(c[5]), d1 = TLanes.Broadcast(c[9]), e1 = TLanes.Broadcast(c[13]);
        TVector a2 = TLanes.Broadcast(c[2]), b2 = TLanes.Broadcast(c[6]), d2 = TLanes.Broadcast(c[10]), e2 = TLanes.Broadcast(c[14]);
        TVector a3 = TLanes.Broadcast(c[3]), b3 = TLanes.Broadcast(c[7]), d3 = TLanes.Broadcast(c[11]), e3 = TLanes.Broadcast(c[15]);
        var channel = 0;
        for (; channel + TLanes.Count <= channels; channel += TLanes.Count)
        {
            var at = (nuint)channel;
            var av = TLanes.Load(in a, at);
            var bv = TLanes.Load(in b, at);
            var dv = TLanes.Load(in d, at);
            var ev = TLanes.Load(in e, at);
            Add(ref sum, at, av, bv, dv, ev, a0, b0, d0, e0);
            if (TPanel.Width > 1) Add(ref sum, at + (nuint)channels, av, bv, dv, ev, a1, b1, d1, e1);
            if (TPanel.Width > 2) Add(ref sum, at + 2 * (nuint)channels, av, bv, dv, ev, a2, b2, d2, e2);
            if (TPanel.Width > 3) Add(ref sum, at + 3 * (nuint)channels, av, bv, dv, ev, a3, b3, d3, e3);
        }
        for (; channel < channels; channel++)
            for (var index = 0; index < TPanel.Width; index++)
                for (var row = 0; row < count; row++)
                    sums[index * channels + channel] += c[row * PanelWidth + index] * data[(first + row) * channels + channel];

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Add(ref double sum, nuint at, TVector av, TVector bv, TVector dv, TVector ev, TVector ac, TVector bc, TVector dc, TVector ec)
        {
            var value = TLanes.Load(in sum, at);
            value = TLanes.MultiplyAdd(av, ac, value);
            value = TLanes.MultiplyAdd(bv, bc, value);
            value = TLanes.MultiplyAdd(dv, dc, value);
            value = TLanes.MultiplyAdd(ev, ec, value);
            TLanes.Store(value, ref sum, at);
        }
    }
}
