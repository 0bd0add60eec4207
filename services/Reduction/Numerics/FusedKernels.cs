using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Tutti.Reduction.Numerics;

/// <summary>
/// The inner loops of an ALS iteration, on four spectra of D at a time, as float64 or float32: products with S, additions to C'D, and what a model
/// leaves. Components go through in panels that fit the registers. Sums are float64 whatever the data are.
/// </summary>
internal static class FusedKernels
{
    public const int SpectraAtOnce = 4;
    private const int WidestPanel = 5;

    /// <summary>
    /// Products of the <paramref name="count"/> (1 to 4) spectra in <paramref name="data"/> with all rows of S (components x channels) into
    /// <paramref name="products"/>[component * stride + position + number of the spectrum].
    /// </summary>
    public static void Products<TData>(
        ReadOnlySpan<TData> data, int channels, int count, ReadOnlySpan<double> spectra, int components, Span<double> products, int stride, int position)
        where TData : unmanaged
    {
        if (Vector512.IsHardwareAccelerated)
            Products<TData, Lanes512, Vector512<double>>(data, channels, count, spectra, components, products, stride, position);
        else
            Products<TData, Lanes256, Vector256<double>>(data, channels, count, spectra, components, products, stride, position);
    }

    /// <summary>Adds c d' of up to four spectra to C'D (components x channels); c at [component * stride + position + number of the spectrum].</summary>
    public static void Accumulate<TData>(
        ReadOnlySpan<TData> data, int channels, int count, ReadOnlySpan<double> concentrations, int stride, int position, int components, Span<double> sums)
        where TData : unmanaged
    {
        if (Vector512.IsHardwareAccelerated)
            Accumulate<TData, Lanes512, Vector512<double>>(data, channels, count, concentrations, stride, position, components, sums);
        else
            Accumulate<TData, Lanes256, Vector256<double>>(data, channels, count, concentrations, stride, position, components, sums);
    }

    /// <summary>Sum of squares of d - c S over one spectrum; <paramref name="rest"/> (channels) is room to work in and holds d - c S afterwards.</summary>
    public static double SquaresLeft<TData>(
        ReadOnlySpan<TData> data, ReadOnlySpan<double> concentrations, int stride, int position, ReadOnlySpan<double> spectra, int components, Span<double> rest)
        where TData : unmanaged
    {
        rest.Clear();
        for (var component = 0; component < components; component++)
            TensorPrimitives.MultiplyAdd(
                spectra.Slice(component * data.Length, data.Length), concentrations[component * stride + position], rest, rest);
        if (typeof(TData) == typeof(double))
        {
            TensorPrimitives.Subtract(MemoryMarshal.Cast<TData, double>(data), rest, rest);
        }
        else
        {
            var singles = MemoryMarshal.Cast<TData, float>(data);
            for (var channel = 0; channel < rest.Length; channel++) rest[channel] = singles[channel] - rest[channel];
        }
        return TensorPrimitives.SumOfSquares<double>(rest);
    }

    /// <summary>The widths of the panels that components are cut into: as few and as even as possible.</summary>
    private static int Width(int components, int done, int widest)
    {
        var left = components - done;
        var panels = (left + widest - 1) / widest;
        return (left + panels - 1) / panels;
    }

    private static void Products<TData, TLanes, TVector>(
        ReadOnlySpan<TData> data, int channels, int count, ReadOnlySpan<double> spectra, int components, Span<double> products, int stride, int position)
        where TData : unmanaged
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        Span<double> dots = stackalloc double[WidestPanel * SpectraAtOnce];
        for (int panel = 0, width; panel < components; panel += width)
        {
            width = Width(components, panel, TLanes.PanelWidth);
            var rows = spectra.Slice(panel * channels, width * channels);
            switch (width)
            {
                case 1: MultiplyFour<TData, TLanes, TVector, Panel1>(data, channels, count, rows, dots); break;
                case 2: MultiplyFour<TData, TLanes, TVector, Panel2>(data, channels, count, rows, dots); break;
                case 3: MultiplyFour<TData, TLanes, TVector, Panel3>(data, channels, count, rows, dots); break;
                case 4: MultiplyFour<TData, TLanes, TVector, Panel4>(data, channels, count, rows, dots); break;
                default: MultiplyFour<TData, TLanes, TVector, Panel5>(data, channels, count, rows, dots); break;
            }
            for (var index = 0; index < width; index++)
                dots.Slice(index * SpectraAtOnce, count).CopyTo(products[((panel + index) * stride + position)..]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyFour<TData, TLanes, TVector, TPanel>(
        ReadOnlySpan<TData> data, int channels, int count, ReadOnlySpan<double> spectra, Span<double> dots)
        where TData : unmanaged
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
        where TPanel : struct, IPanel
    {
        // Where fewer than four spectra are left the last one stands in; its products are not taken.
        ref readonly var a = ref data[0];
        ref readonly var b = ref data[Math.Min(1, count - 1) * channels];
        ref readonly var d = ref data[Math.Min(2, count - 1) * channels];
        ref readonly var e = ref data[Math.Min(3, count - 1) * channels];
        ref readonly var s = ref spectra[0];
        var zero = TLanes.Broadcast(0);
        TVector a0 = zero, b0 = zero, d0 = zero, e0 = zero, a1 = zero, b1 = zero, d1 = zero, e1 = zero;
        TVector a2 = zero, b2 = zero, d2 = zero, e2 = zero, a3 = zero, b3 = zero, d3 = zero, e3 = zero, a4 = zero, b4 = zero, d4 = zero, e4 = zero;
        var (second, third, fourth, fifth) = ((nuint)channels, 2 * (nuint)channels, 3 * (nuint)channels, 4 * (nuint)channels);
        var end = (nuint)(channels / TLanes.Count * TLanes.Count);
        for (nuint at = 0; at < end; at += (nuint)TLanes.Count)
        {
            var av = TLanes.LoadData(in a, at);
            var bv = TLanes.LoadData(in b, at);
            var dv = TLanes.LoadData(in d, at);
            var ev = TLanes.LoadData(in e, at);
            var row = TLanes.Load(in s, at);
            a0 = TLanes.MultiplyAdd(av, row, a0);
            b0 = TLanes.MultiplyAdd(bv, row, b0);
            d0 = TLanes.MultiplyAdd(dv, row, d0);
            e0 = TLanes.MultiplyAdd(ev, row, e0);
            if (TPanel.Width > 1)
            {
                row = TLanes.Load(in s, at + second);
                a1 = TLanes.MultiplyAdd(av, row, a1);
                b1 = TLanes.MultiplyAdd(bv, row, b1);
                d1 = TLanes.MultiplyAdd(dv, row, d1);
                e1 = TLanes.MultiplyAdd(ev, row, e1);
            }
            if (TPanel.Width > 2)
            {
                row = TLanes.Load(in s, at + third);
                a2 = TLanes.MultiplyAdd(av, row, a2);
                b2 = TLanes.MultiplyAdd(bv, row, b2);
                d2 = TLanes.MultiplyAdd(dv, row, d2);
                e2 = TLanes.MultiplyAdd(ev, row, e2);
            }
            if (TPanel.Width > 3)
            {
                row = TLanes.Load(in s, at + fourth);
                a3 = TLanes.MultiplyAdd(av, row, a3);
                b3 = TLanes.MultiplyAdd(bv, row, b3);
                d3 = TLanes.MultiplyAdd(dv, row, d3);
                e3 = TLanes.MultiplyAdd(ev, row, e3);
            }
            if (TPanel.Width > 4)
            {
                row = TLanes.Load(in s, at + fifth);
                a4 = TLanes.MultiplyAdd(av, row, a4);
                b4 = TLanes.MultiplyAdd(bv, row, b4);
                d4 = TLanes.MultiplyAdd(dv, row, d4);
                e4 = TLanes.MultiplyAdd(ev, row, e4);
            }
        }
        (dots[0], dots[1], dots[2], dots[3]) = (TLanes.Sum(a0), TLanes.Sum(b0), TLanes.Sum(d0), TLanes.Sum(e0));
        if (TPanel.Width > 1) (dots[4], dots[5], dots[6], dots[7]) = (TLanes.Sum(a1), TLanes.Sum(b1), TLanes.Sum(d1), TLanes.Sum(e1));
        if (TPanel.Width > 2) (dots[8], dots[9], dots[10], dots[11]) = (TLanes.Sum(a2), TLanes.Sum(b2), TLanes.Sum(d2), TLanes.Sum(e2));
        if (TPanel.Width > 3) (dots[12], dots[13], dots[14], dots[15]) = (TLanes.Sum(a3), TLanes.Sum(b3), TLanes.Sum(d3), TLanes.Sum(e3));
        if (TPanel.Width > 4) (dots[16], dots[17], dots[18], dots[19]) = (TLanes.Sum(a4), TLanes.Sum(b4), TLanes.Sum(d4), TLanes.Sum(e4));
        for (var channel = (int)end; channel < channels; channel++)
            for (var index = 0; index < TPanel.Width; index++)
                for (var spectrum = 0; spectrum < count; spectrum++)
                    dots[index * SpectraAtOnce + spectrum] += Widened(data[spectrum * channels + channel]) * spectra[index * channels + channel];
    }

    private static void Accumulate<TData, TLanes, TVector>(
        ReadOnlySpan<TData> data, int channels, int count, ReadOnlySpan<double> concentrations, int stride, int position, int components, Span<double> sums)
        where TData : unmanaged
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
    {
        Span<double> c = stackalloc double[SpectraAtOnce * WidestPanel];
        for (int panel = 0, width; panel < components; panel += width)
        {
            width = Width(components, panel, TLanes.PanelWidth);
            for (var index = 0; index < width; index++)
                for (var row = 0; row < SpectraAtOnce; row++)
                    c[row * WidestPanel + index] = row < count ? concentrations[(panel + index) * stride + position + row] : 0;
            var target = sums.Slice(panel * channels, width * channels);
            switch (width)
            {
                case 1: AddFour<TData, TLanes, TVector, Panel1>(data, channels, count, c, target); break;
                case 2: AddFour<TData, TLanes, TVector, Panel2>(data, channels, count, c, target); break;
                case 3: AddFour<TData, TLanes, TVector, Panel3>(data, channels, count, c, target); break;
                case 4: AddFour<TData, TLanes, TVector, Panel4>(data, channels, count, c, target); break;
                default: AddFour<TData, TLanes, TVector, Panel5>(data, channels, count, c, target); break;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddFour<TData, TLanes, TVector, TPanel>(ReadOnlySpan<TData> data, int channels, int count, ReadOnlySpan<double> c, Span<double> sums)
        where TData : unmanaged
        where TLanes : struct, ILanes<TVector>
        where TVector : unmanaged
        where TPanel : struct, IPanel
    {
        // Where fewer than four spectra are left the last one stands in with zero concentration.
        ref readonly var a = ref data[0];
        ref readonly var b = ref data[Math.Min(1, count - 1) * channels];
        ref readonly var d = ref data[Math.Min(2, count - 1) * channels];
        ref readonly var e = ref data[Math.Min(3, count - 1) * channels];
        ref var sum = ref sums[0];
        TVector a0 = TLanes.Broadcast(c[0]), b0 = TLanes.Broadcast(c[5]), d0 = TLanes.Broadcast(c[10]), e0 = TLanes.Broadcast(c[15]);
        TVector a1 = TLanes.Broadcast(c[1]), b1 = TLanes.Broadcast(c[6]), d1 = TLanes.Broadcast(c[11]), e1 = TLanes.Broadcast(c[16]);
        TVector a2 = TLanes.Broadcast(c[2]), b2 = TLanes.Broadcast(c[7]), d2 = TLanes.Broadcast(c[12]), e2 = TLanes.Broadcast(c[17]);
        TVector a3 = TLanes.Broadcast(c[3]), b3 = TLanes.Broadcast(c[8]), d3 = TLanes.Broadcast(c[13]), e3 = TLanes.Broadcast(c[18]);
        TVector a4 = TLanes.Broadcast(c[4]), b4 = TLanes.Broadcast(c[9]), d4 = TLanes.Broadcast(c[14]), e4 = TLanes.Broadcast(c[19]);
        var (second, third, fourth, fifth) = ((nuint)channels, 2 * (nuint)channels, 3 * (nuint)channels, 4 * (nuint)channels);
        var end = (nuint)(channels / TLanes.Count * TLanes.Count);
        for (nuint at = 0; at < end; at += (nuint)TLanes.Count)
        {
            var av = TLanes.LoadData(in a, at);
            var bv = TLanes.LoadData(in b, at);
            var dv = TLanes.LoadData(in d, at);
            var ev = TLanes.LoadData(in e, at);
            Add(ref sum, at, av, bv, dv, ev, a0, b0, d0, e0);
            if (TPanel.Width > 1) Add(ref sum, at + second, av, bv, dv, ev, a1, b1, d1, e1);
            if (TPanel.Width > 2) Add(ref sum, at + third, av, bv, dv, ev, a2, b2, d2, e2);
            if (TPanel.Width > 3) Add(ref sum, at + fourth, av, bv, dv, ev, a3, b3, d3, e3);
            if (TPanel.Width > 4) Add(ref sum, at + fifth, av, bv, dv, ev, a4, b4, d4, e4);
        }
        for (var channel = (int)end; channel < channels; channel++)
            for (var index = 0; index < TPanel.Width; index++)
                for (var row = 0; row < count; row++)
                    sums[index * channels + channel] += c[row * WidestPanel + index] * Widened(data[row * channels + channel]);

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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Widened<TData>(TData value)
        where TData : unmanaged =>
        typeof(TData) == typeof(double) ? Unsafe.As<TData, double>(ref value) : Unsafe.As<TData, float>(ref value);
}
