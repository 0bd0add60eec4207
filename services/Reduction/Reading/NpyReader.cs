using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Reading;

/// <summary>
/// NumPy arrays: two dimensions are spectra x channels, three are an image stack (rows, columns, channels; or channels first where a second file, the
/// axis, says so), one is a single spectrum. A second, one-dimensional file as long as the channels is the axis.
/// Codes: <c>npy_header</c>, <c>npy_type</c>, <c>npy_length</c>, <c>npy_dimensions</c>, <c>npy_empty</c>, <c>npy_files</c>,
/// <c>axis_not_monotonic</c>, <c>not_finite</c> and the limits. Warnings: <c>npy_no_axis</c>, <c>npy_single_spectrum</c>, <c>npy_stack</c>.
/// </summary>
public sealed class NpyReader : ISeriesReader
{
    /// <summary>What is said of an array that comes alone.</summary>
    internal static ReadingWarning NoAxis { get; } = new("npy_no_axis", "The array has no axis: channels are numbered from zero.");

    /// <summary>What is said of an array of three dimensions.</summary>
    internal static ReadingWarning Stacked(string name, long rows, long columns, long channels, bool channelsFirst) => new("npy_stack", SeriesReading.Text(
        $"{name} is read as an image of {rows} x {columns} spectra with {channels} channels ({(channelsFirst ? "channels first" : "channels last")})."));

    /// <summary>The values of an array of one dimension, which is to be the axis of so many channels. Codes: <c>npy_files</c>, <c>axis_not_monotonic</c>.</summary>
    internal static double[] Axis(NamedContent file, NpyHeader header, string seriesName, long channels, ReadingOptions options)
    {
        var axis = Values(file, header, options);
        if (axis.Length != channels) throw new SeriesFormatException("npy_files", SeriesReading.Text(
            $"{file.Name} has {axis.Length} values, {seriesName} has {channels} channels: it is not its axis."));
        return AxisOrder.Direction(axis) != 0 ? axis : throw new SeriesFormatException("axis_not_monotonic", $"{file.Name}: the axis neither rises nor falls all the way.");
    }

    public string Format => "NumPy array";

    public string? WhyNot(IReadOnlyList<NamedContent> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        return files.All(file => NpyFormat.Resembles(file.Bytes.Span)) ? null : "does not begin with \\x93NUMPY";
    }

    public SpectralSeries Read(IReadOnlyList<NamedContent> files, ReadingOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(options);
        var arrays = files.Select(file => (file.Name, Header: Header(file), File: file)).OrderByDescending(array =>
            array.Header.Shape.Count).ToList();
        if (arrays.Count > 2 || (arrays.Count == 2 && (arrays[1].Header.Shape.Count != 1 || arrays[0].Header.Shape.Count == 1)))
            throw new SeriesFormatException("npy_files", "One array holds the series and at most one more, with one dimension, its axis.");
        var warnings = new List<ReadingWarning>();
        var (data, map) = Data(arrays[0].File, arrays[0].Header, arrays.Count == 2 ? arrays[1].Header.Shape[0] : null, options, warnings);
        double[]? axis = null;
        if (arrays.Count == 2)
        {
            axis = Axis(arrays[1].File, arrays[1].Header, arrays[0].Name, data.Columns, options);
            (axis, data) = AxisOrder.Rising(axis, data);
        }
        else warnings.Add(NoAxis);
        return new SpectralSeries(
            Format, new SpectralAxis(axis is null ? "channel" : "axis", null, axis ?? [.. Enumerable.Range(0, data.Columns).Select(index =>
                (double)index)]), data,
            null, null, warnings, []) { MapShape = map };
    }

    internal static NpyHeader Header(NamedContent file)
    {
        try
        {
            return NpyFormat.ParseHeader(file.Bytes.Span);
        }
        catch (SeriesFormatException exception)
        {
            throw new SeriesFormatException(exception.Code, $"{file.Name}: {exception.Message}", exception);
        }
    }

    private static (Matrix Data, MapShape? Map) Data(
        NamedContent file, NpyHeader header, long? channels, ReadingOptions options, List<ReadingWarning> warnings)
    {
        var shape = header.Shape;
        if (shape.Any(length => length == 0)) throw new SeriesFormatException("npy_empty", $"{file.Name}: the array has no values.");
        switch (shape.Count)
        {
            case 1:
                SeriesReading.CheckShape(1, shape[0], options);
                warnings.Add(new ReadingWarning("npy_single_spectrum", $"{file.Name} has one dimension and is read as one spectrum."));
                return (new Matrix(1, (int)shape[0], Values(file, header, options)), null);
            case 2:
                SeriesReading.CheckShape(shape[0], shape[1], options);
                var flat = Values(file, header, options);
                return (header.FortranOrder ? new Matrix((int)shape[1], (int)shape[0], flat).Transpose() : new Matrix((int)shape[0], (int)shape[1],
                    flat), null);
            case 3:
                var first = channels == shape[0] && channels != shape[2];
                var (rows, columns, length) = first ? (shape[1], shape[2], shape[0]) : (shape[0], shape[1], shape[2]);
                if (rows > int.MaxValue || columns > int.MaxValue) SeriesReading.CheckShape(long.MaxValue, length, options);
                SeriesReading.CheckShape(rows * columns, length, options);
                warnings.Add(Stacked(file.Name, rows, columns, length, first));
                return (Stack(Values(file, header, options), [(int)shape[0], (int)shape[1], (int)shape[2]], header.FortranOrder, first),
                    new MapShape((int)rows, (int)columns));
            default:
                throw new SeriesFormatException("npy_dimensions",
                    SeriesReading.Text($"{file.Name} has {shape.Count} dimensions; two or three are expected."));
        }
    }

    private static Matrix Stack(double[] values, int[] shape, bool fortran, bool channelsFirst)
    {
        // Either order of memory is the other with the shape reversed.
        var (rows, columns, channels) = channelsFirst ? (shape[1], shape[2], shape[0]) : (shape[0], shape[1], shape[2]);
        if (!fortran && !channelsFirst) return new Matrix(rows * columns, channels, values);
        if (!fortran) return new Matrix(channels, rows * columns, values).Transpose();
        var data = new double[values.Length];
        var (rowStep, columnStep, channelStep) = channelsFirst ? (channels, channels * rows, 1) : (1, rows, rows * columns);
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++)
                for (var channel = 0; channel < channels; channel++)
                    data[(row * columns + column) * channels + channel] = values[row * rowStep + column * columnStep + channel * channelStep];
        return new Matrix(rows * columns, channels, data);
    }

    private static double[] Values(NamedContent file, NpyHeader header, ReadingOptions options)
    {
        if (header.Count > options.MaxValues) SeriesReading.CheckShape(1, (long)Int128.Min(header.Count, long.MaxValue / 2), options);
        try
        {
            var values = NotMeasured.Marked(NpyFormat.ReadValues(header, file.Bytes.Span), options);
            var bad = Array.FindIndex(values, value => !double.IsFinite(value));
            return bad < 0 ? values : throw new SeriesFormatException("not_finite",
                SeriesReading.Text($"value {bad} is {values[bad]}, no finite number."));
        }
        catch (SeriesFormatException exception)
        {
            throw new SeriesFormatException(exception.Code, $"{file.Name}: {exception.Message}", exception);
        }
    }
}
