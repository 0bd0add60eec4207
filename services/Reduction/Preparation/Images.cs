using System.Collections.Frozen;
using System.Numerics.Tensors;
using System.Text.Json.Serialization;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Preparation;

/// <summary>
/// Optical density OD = -ln(I / I0(E)) of a spectromicroscopy stack or a series of spectra. I0 is one of: the first spectrum of the series named by
/// <paramref name="Reference"/> (on the same axis, or interpolated within its range), the mean over <paramref name="EmptyPixels"/> (spectra from 0),
/// or the mean over the brightest <paramref name="BrightestPercent"/> of the pixels. Counts at or below zero are raised to <paramref name="Floor"/>
/// and warned of, or refused where that is null (<c>not_positive</c>). Errors are those of counting in I alone, where known.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record OpticalDensity(
    string? Reference = null, IReadOnlyList<int>? EmptyPixels = null, double? BrightestPercent = null, double? Floor = null) : PreparationStep
{
    internal override void Check()
    {
        Require.Parameter(new[] { Reference is not null, EmptyPixels is not null, BrightestPercent is not null }.Count(given => given) == 1,
            $"I0 comes from a reference, from empty pixels, or from the brightest pixels: one of the three is given.");
        Require.Parameter(BrightestPercent is null or (> 0 and <= 50), $"The brightest pixels are up to 50 percent, not {BrightestPercent}.");
        Require.Parameter(EmptyPixels is null or { Count: > 0 }, $"No empty pixel was given.");
        Require.Parameter(Floor is null or > 0, $"The floor is above zero, not {Floor}.");
    }

    internal override IReadOnlyList<string> Needs => Reference is null ? [] : [Reference];

    internal override Applied Apply(Working work, References references)
    {
        var used = BrightestPercent is { } percent ? new OpticalDensity(EmptyPixels: Brightest(work, percent), Floor: Floor) : this;
        var i0 = used.Reference is { } name ? Spectrum.OnAxis(references.Get(name), 0, work, name) : EmptyMean(work, used.EmptyPixels ?? []);
        for (var c = 0; c < i0.Length; c++)
            Require.That(i0[c] > 0, "not_positive", $"I0 is {i0[c]} at {work.Axis[c]}: optical density needs it above zero.");
        var raised = 0L;
        var density = work.With((row, from, to) =>
        {
            for (var c = 0; c < to.Length; c++)
            {
                var counts = from[c];
                if (Floor is { } floor && counts < floor) (counts, raised) = (floor, raised + 1);
                if (!(counts > 0))
                    throw Require.Refusal("not_positive", $"Spectrum {row}, channel {c} holds {from[c]}: optical density needs counts above zero.");
                to[c] = -Math.Log(counts / i0[c]);
            }
        }, work.Errors is null ? null : work.Rewritten(work.Errors, work.Axis.Length, (row, from, to) =>
        {
            var counts = work.Series.Data.Row(row);
            for (var c = 0; c < to.Length; c++) to[c] = from[c] / Math.Max(counts[c], Floor ?? counts[c]);
        }));
        return new Applied(density, used)
        {
            Found = new Dictionary<string, IReadOnlyList<double>> { ["i0"] = i0 },
            Warnings = raised == 0 ? [] : [new("values_raised", Require.Text($"{raised} counts lay below the floor {Floor} and were raised to it."))],
        };
    }

    private static int[] Brightest(Working work, double percent)
    {
        var count = Math.Max(1, (int)(work.Spectra * percent / 100));
        var sums = new double[work.Spectra];
        work.ForEach((row, values) => sums[row] = TensorPrimitives.Sum(values));
        return [.. Enumerable.Range(0, work.Spectra).OrderByDescending(row => sums[row]).Take(count).Order()];
    }

    private static double[] EmptyMean(Working work, IReadOnlyList<int> pixels)
    {
        foreach (var index in pixels)
            Require.That(index >= 0 && index < work.Spectra, "index_out_of_range", $"There is no spectrum {index} in {work.Spectra}.");
        var mean = new double[work.Axis.Length];
        foreach (var pixel in pixels) TensorPrimitives.Add(mean, work.Series.Data.Row(pixel), mean);
        TensorPrimitives.Divide(mean, pixels.Count, mean);
        return mean;
    }
}

/// <summary>What each image of a stack is aligned to.</summary>
[JsonConverter(typeof(KebabEnumConverter<AlignmentTarget>))]
public enum AlignmentTarget
{
    /// <summary>The image before it; shifts add up.</summary>
    Previous,

    /// <summary>The first image.</summary>
    First,

    /// <summary>The mean of all images.</summary>
    Mean,
}

/// <summary>
/// Aligns the images of a stack, one at each energy, by <see cref="PhaseCorrelation"/>: each is moved back by its shift (pixels, rows down and
/// columns right; whole pixels unless <paramref name="Subpixel"/>, then bilinear), and the stack is cropped to what all images cover. Shifts are
/// recorded, one for each channel. Shifts beyond <paramref name="MaxShift"/> pixels are warned of. Errors: <c>no_image</c>,
/// <c>nothing_in_common</c>.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AlignImages(
    AlignmentTarget Target = AlignmentTarget.Previous, bool Subpixel = false, double MaxShift = 20, IReadOnlyList<double>? ShiftRows = null,
    IReadOnlyList<double>? ShiftColumns = null) : PreparationStep
{
    internal override void Check()
    {
        Require.Parameter(MaxShift > 0, $"The largest shift is above zero, not {MaxShift}.");
        Require.Parameter(ShiftRows?.Count == ShiftColumns?.Count, $"Shifts of rows and columns are given both, one for each channel.");
    }

    internal override Applied Apply(Working work, References references)
    {
        var map = work.Series.MapShape ?? throw new NumericsException(
            "no_image", "The spectra are no image, or pixels were already taken out of it.");
        var channels = work.Axis.Length;
        Require.That(map.Rows * map.Columns == work.Spectra, "no_image", $"{work.Spectra} spectra do not fill {map.Rows} x {map.Columns} pixels.");
        Require.That(ShiftRows is null || ShiftRows.Count == channels, "pinned_count",
            $"{ShiftRows?.Count} shifts were given for {channels} channels.");
        var (down, right) = ShiftRows is not null && ShiftColumns is not null ? ([.. ShiftRows], [.. ShiftColumns]) : Shifts(work, map);
        var (top, bottom) = (Math.Max(0, (int)Math.Ceiling(-down.Min())), Math.Min(map.Rows - 1, (int)Math.Floor(map.Rows - 1 - down.Max())));
        var (left, side) = (Math.Max(0, (int)Math.Ceiling(-right.Min())), Math.Min(map.Columns - 1, (int)Math.Floor(map.Columns - 1 - right.Max())));
        Require.That(bottom >= top && side >= left, "nothing_in_common", $"Once shifted, the images have no pixel in common.");
        var (rows, columns) = (bottom - top + 1, side - left + 1);
        var source = work.Series.Data;
        // Pixel by pixel, so that the stack may lie in its file and what is made of it in another.
        var moved = work.Make(rows * columns, channels, (pixel, to) =>
        {
            for (var c = 0; c < channels; c++) to[c] = At(source, c, map, (pixel / columns) + top + down[c], (pixel % columns) + left + right[c]);
        });
        var cropped = new MapShape(rows, columns);
        var kept = work.SelectSpectra(
            [.. Enumerable.Range(0, rows * columns).Select(pixel => (pixel / columns + top) * map.Columns + pixel % columns + left)], moved);
        var far = Enumerable.Range(0, channels).Count(c => Math.Max(Math.Abs(down[c]), Math.Abs(right[c])) > MaxShift);
        var columnsLeft = kept.Columns.Where(column => column.Key != MaskPixels.PixelColumn);
        return new Applied(
            new Working(
                kept.Series with { MapShape = cropped }, null,
                columnsLeft.ToFrozenDictionary(StringComparer.Ordinal), cropped, work.Limits, work.Cancellation),
            this with { ShiftRows = down, ShiftColumns = right })
        {
            Found = new Dictionary<string, IReadOnlyList<double>>
            {
                ["shift_rows"] = down, ["shift_columns"] = right, ["crop"] = [top, left, rows, columns],
            },
            Warnings = far == 0 ? [] : [new("large_shift", Require.Text($"{far} images are shifted by more than {MaxShift} pixels: look at them."))],
        };
    }

    private (double[] Rows, double[] Columns) Shifts(Working work, MapShape map)
    {
        var channels = work.Axis.Length;
        double[] down = new double[channels], right = new double[channels];
        var target = Target == AlignmentTarget.Mean
            ? [.. Enumerable.Range(0, work.Spectra).Select(pixel => TensorPrimitives.Sum<double>(work.Series.Data.Row(pixel)) / channels)]
            : work.Series.Data.Column(0, work.Cancellation);
        for (var c = Target == AlignmentTarget.Mean ? 0 : 1; c < channels; c++)
        {
            work.Cancellation.ThrowIfCancellationRequested();
            var image = work.Series.Data.Column(c, work.Cancellation);
            var (dy, dx) = PhaseCorrelation.Shift(target, image, map.Rows, map.Columns);
            if (!Subpixel) (dy, dx) = (Math.Round(dy) + 0.0, Math.Round(dx) + 0.0);
            (down[c], right[c]) = Target == AlignmentTarget.Previous ? (down[c - 1] + dy, right[c - 1] + dx) : (dy, dx);
            if (Target == AlignmentTarget.Previous) target = image;
        }
        return (down, right);
    }

    private static double At(DataMatrix stack, int channel, MapShape map, double y, double x)
    {
        var (top, left) = (Math.Clamp((int)Math.Floor(y), 0, map.Rows - 1), Math.Clamp((int)Math.Floor(x), 0, map.Columns - 1));
        var (partY, partX) = (y - top, x - left);
        var (below, beside) = (Math.Min(top + 1, map.Rows - 1), Math.Min(left + 1, map.Columns - 1));
        if (partY == 0 && partX == 0) return stack[(top * map.Columns) + left, channel];
        return (1 - partY) * ((1 - partX) * stack[(top * map.Columns) + left, channel] + partX * stack[(top * map.Columns) + beside, channel])
            + partY * ((1 - partX) * stack[(below * map.Columns) + left, channel] + partX * stack[(below * map.Columns) + beside, channel]);
    }
}

/// <summary>
/// Keeps the pixels whose mean over the window (null: all channels) lies between <paramref name="Least"/> and <paramref name="Most"/> (null: open),
/// in the unit of the data. The column <c>pixel</c> keeps where each was (row x columns + column of the image), so that results go back to maps by
/// <see cref="ImageMap"/>.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record MaskPixels(double? Least = null, double? Most = null, double? Low = null, double? High = null) : PreparationStep
{
    public const string PixelColumn = "pixel";

    internal override void Check()
    {
        Require.Window(Least, Most);
        Require.Window(Low, High);
    }

    internal override Applied Apply(Working work, References references)
    {
        var window = work.Channels(Low, High);
        var means = new double[work.Spectra];
        work.ForEach((pixel, values) => means[pixel] = TensorPrimitives.Sum(values.Slice(window[0], window.Length)) / window.Length);
        var kept = Enumerable.Range(0, work.Spectra).Where(pixel => !(means[pixel] < Least) && !(means[pixel] > Most)).ToArray();
        var masked = work.Column(PixelColumn) is null
            ? work.WithColumn(PixelColumn, Enumerable.Range(0, work.Spectra).Select(index => (double)index))
            : work;
        return new Applied(kept.Length == work.Spectra ? masked : masked.SelectSpectra(kept), this)
        {
            Found = new Dictionary<string, IReadOnlyList<double>> { ["pixels_kept"] = [kept.Length], ["pixels"] = [work.Spectra] },
        };
    }
}

/// <summary>Brings one value for each spectrum back to its place in the image.</summary>
public static class ImageMap
{
    /// <summary>
    /// The image (rows x columns) of <paramref name="values"/>, one for each spectrum of <paramref name="prepared"/>; pixels that were masked hold
    /// <paramref name="outside"/>. Errors: <c>no_image</c>, <c>matrix_shape</c>.
    /// </summary>
    public static Matrix Of(PreparedSeries prepared, IReadOnlyList<double> values, double outside = 0)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        ArgumentNullException.ThrowIfNull(values);
        var map = prepared.Map ?? throw new NumericsException("no_image", "The spectra of this series are no image.");
        Require.That(values.Count == prepared.Series.Data.Rows, "matrix_shape",
            $"{values.Count} values do not belong to {prepared.Series.Data.Rows} spectra.");
        var image = Matrix.Allocate(map.Rows, map.Columns);
        Array.Fill(image, outside);
        var pixels = prepared.Columns.TryGetValue(MaskPixels.PixelColumn, out var column) ? column : null;
        for (var index = 0; index < values.Count; index++)
        {
            var pixel = pixels is null ? index : (int)(pixels[index] ?? throw new NumericsException("no_image", Require.Text(
                $"Spectrum {index} has no place in the image.")));
            Require.That(pixel >= 0 && pixel < image.Length, "no_image", $"Pixel {pixel} is not in the image of {map.Rows} x {map.Columns}.");
            image[pixel] = values[index];
        }
        return new Matrix(map.Rows, map.Columns, image);
    }
}
