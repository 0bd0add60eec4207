using System.Globalization;
using System.Reflection;
using PureHDF;
using PureHDF.Selections;
using PureHDF.VOL.Native;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Reading;

/// <summary>
/// NeXus and other HDF5 files: the NXdata group that the default attributes lead to, or the only one, or the one (or the dataset) that
/// <see cref="ReadingOptions.Variable"/> names. Two dimensions are spectra x channels, three an image stack, whichever of them is the spectral axis;
/// that is found by the names of the axes, else it is the last. Several files are one series, in the order of their start times (else names), on the axis
/// of the first.
/// Codes: <c>hdf5_damaged</c>, <c>hdf5_one_stack</c>, <c>hdf5_no_data</c>, <c>hdf5_variable_missing</c>, <c>hdf5_variable_ambiguous</c>,
/// <c>hdf5_signal_missing</c>, <c>hdf5_type</c>, <c>hdf5_dimensions</c>, <c>hdf5_axis_length</c>, <c>hdf5_external</c>, <c>hdf5_declared_size</c>,
/// <c>axis_not_monotonic</c>, <c>not_finite</c> and the limits. Warnings: <c>hdf5_no_nxdata</c>, <c>hdf5_no_axis</c>,
/// <c>hdf5_spectral_axis_assumed</c>, <c>hdf5_axis_edges</c>, <c>hdf5_stack</c>, <c>hdf5_matlab</c>, <c>hdf5_time_missing</c>,
/// <c>axis_interpolated</c>, <c>axis_cut</c>, <c>file_ignored</c>.
/// </summary>
public sealed class NexusReader : ISeriesReader
{
    private const int DeepestGroup = 12;
    private const int MostNodes = 20_000;
    private const int LongestText = 4096;
    private const int NotJudgedBelow = 1 << 20;
    private const int MostListed = 50;

    // What is read of a dataset at once.
    private const long SlabBytes = 1L << 26;
    private static readonly TimeSpan TimeForStructure = TimeSpan.FromSeconds(2.5);

    private static readonly string[] SpectralNames =
        ["energy", "energies", "photon_energy", "mono", "wavelength", "wavenumber", "raman_shift", "shift", "frequency", "two_theta", "twotheta",
            "2theta",
            "tth", "polar_angle", "q", "velocity", "channel", "d", "e", "ev", "lambda"];

    private static readonly string[] SpectralUnits = ["ev", "kev", "nm", "cm-1", "1/cm", "angstrom", "1/angstrom", "1/nm", "mm/s", "deg", "degrees",
        "degree"];

    public string Format => "NeXus/HDF5";

    public string? WhyNot(IReadOnlyList<NamedContent> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        return files.Any(IsLikely) ? null : "no HDF5 signature";
    }

    public SpectralSeries Read(IReadOnlyList<NamedContent> files, ReadingOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(options);
        return files is [var one] ? One(one, options, cancellation).Series : Several(files, options, cancellation);
    }

    private static (SpectralSeries Series, DateTime? Started) One(NamedContent file, ReadingOptions options, CancellationToken cancellation) =>
        Guarded(file, () =>
        {
            using var content = new Content(file, options, cancellation);
            return (content.Series(), content.Started);
        });

    // A file for each scan: all their spectra, in the order of the start times, else of the names.
    private static SpectralSeries Several(IReadOnlyList<NamedContent> files, ReadingOptions options, CancellationToken cancellation)
    {
        var warnings = new List<ReadingWarning>();
        var spectra = new List<MeasuredSpectrum>();
        SpectralAxis? axis = null;
        var values = 0L;
        foreach (var file in files)
        {
            if (!IsLikely(file))
            {
                warnings.Add(new ReadingWarning("file_ignored", $"{file.Name} is no HDF5 file and was left out."));
                continue;
            }
            var (series, started) = One(file, options, cancellation);
            using var data = series.Data;
            values += data.Count;
            if (values > options.MaxValues) SeriesReading.CheckShape(1, values, options);
            if (series.MapShape is not null)
                throw new SeriesFormatException("hdf5_one_stack", $"{file.Name} is an image stack; a stack is a series of its own.");
            if (axis is not null && (axis.Name != series.Axis.Name || axis.Unit != series.Axis.Unit)) throw new SeriesFormatException("axis_unit_mixed",
                $"{file.Name}: the axis is {series.Axis.Label} where the first file has {axis.Label}.");
            axis ??= series.Axis;
            warnings.AddRange(series.Warnings);
            double[] along = [.. series.Axis.Values];
            for (var row = 0; row < data.Rows; row++)
            {
                var label = data.Rows == 1 ? file.Name : $"{file.Name} {series.Labels?[row] ?? SeriesReading.Text($"{row + 1}")}";
                spectra.Add(new MeasuredSpectrum(label, along, data.Row(row), started));
            }
        }
        if (axis is null) throw new SeriesFormatException("hdf5_no_data", "None of the files is HDF5.");
        var ordered = SpectraOnOneAxis.Order(spectra, () => warnings.Add(new ReadingWarning(
            "hdf5_time_missing", "Not every file tells its start time: the series is in the order of the file names.")));
        var (joined, matrix) = SpectraOnOneAxis.Join(ordered, options, warnings, cancellation);
        return new SpectralSeries(
            "NeXus/HDF5", axis with { Values = joined }, matrix, [.. ordered.Select(spectrum => spectrum.Label)], SpectraOnOneAxis.Times(ordered),
            [.. warnings.Distinct()], []);
    }

    /// <summary>The NXdata groups and datasets of a file that could be read, as "path (dimensions)".</summary>
    internal static IReadOnlyList<string> Contents(NamedContent file, ReadingOptions options, CancellationToken cancellation) => Guarded(file, () =>
    {
        using var content = new Content(file, options, cancellation);
        return content.Describe();
    });

    /// <summary>Whether the file has the signature, by what stands where it may stand.</summary>
    internal static bool IsLikely(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> mark = stackalloc byte[8];
        for (var at = 0L; at + mark.Length <= file.Length && at <= 1 << 20; at = at == 0 ? 512 : 2 * at)
        {
            file.Seek(at, SeekOrigin.Begin);
            file.ReadExactly(mark);
            if (SignatureAt(mark) is not null) return true;
        }
        return false;
    }

    internal static bool IsLikely(NamedContent file) => Resembles(file.Bytes.Span);

    internal static bool Resembles(ReadOnlySpan<byte> beginning) => SignatureAt(beginning) is not null;

    // At the beginning, or behind a block of the user at 512, 1024, 2048 ... bytes.
    private static int? SignatureAt(ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; at + 8 <= bytes.Length && at <= 1 << 20; at = at == 0 ? 512 : 2 * at)
            if (bytes[at..].StartsWith<byte>([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A])) return at;
        return null;
    }

    // The library throws whatever its parsing meets; for a caller all of it is one thing, a damaged file. A declared size beyond what an array can
    // have reaches us as OutOfMemoryException without any memory having been used.
    private static T Guarded<T>(NamedContent file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (Cause<SeriesFormatException>(exception) is { } known)
        {
            throw new SeriesFormatException(known.Code, known.Message, exception);
        }
        catch (Exception exception) when (Cause<OperationCanceledException>(exception) is { } cancelled)
        {
            throw new OperationCanceledException(cancelled.Message, exception, cancelled.CancellationToken);
        }
        catch (NumericsException)
        {
            throw;
        }
        catch (Exception exception)
        {
            var cause = exception;
            while (cause is TargetInvocationException or AggregateException or TypeInitializationException
                && cause.InnerException is { } inner) cause = inner;
            throw new SeriesFormatException("hdf5_damaged", $"{file.Name} cannot be read as HDF5: {cause.Message}", exception);
        }
    }

    private static T? Cause<T>(Exception? exception)
        where T : Exception
    {
        for (; exception is not null; exception = exception.InnerException)
            if (exception is T cause) return cause;
        return null;
    }

    private sealed record DatasetAt(string Path, IH5Dataset Dataset, long[] Dimensions)
    {
        public string Name => Path[(Path.LastIndexOf('/') + 1)..];

        public override string ToString() => $"{Path} ({string.Join(" x ", Dimensions)})";
    }

    private sealed record GroupAt(string Path, IH5Group Group);

    private sealed record AxisOf(string Name, string? Unit, double[]? Values, bool Spectral);

    private sealed class Content : IDisposable
    {
        private readonly NamedContent file;
        private readonly ReadingOptions options;
        private readonly CancellationToken cancellation;
        private readonly BoundedStream stream;
        private readonly NativeFile root;
        private readonly List<ReadingWarning> warnings = [];
        private readonly List<GroupAt> plots = [];
        private readonly List<DatasetAt> datasets = [];
        private int nodes;

        /// <summary>The clock at the beginning of the first scan that tells it, as it is written there.</summary>
        public DateTime? Started { get; private set; }

        public Content(NamedContent file, ReadingOptions options, CancellationToken cancellation)
        {
            (this.file, this.options, this.cancellation) = (file, options, cancellation);
            var length = file.Bytes.Length;
            stream = new BoundedStream(file.Bytes, mostBytes: (1L << 28) + 8L * length, mostReads: 1_000_000 + length / 4, cancellation);
            Hdf5Structure.Check(file, SignatureAt(file.Bytes.Span).GetValueOrDefault(), cancellation);
            stream.Within(TimeForStructure);
            root = H5File.Open(stream, leaveOpen: true);
        }

        public void Dispose()
        {
            root.Dispose();
            stream.Dispose();
        }

        public IReadOnlyList<string> Describe()
        {
            Walk(root, "", 0);
            return [.. plots.Select(plot => plot.Path + " (NXdata)"), .. datasets.Where(dataset => dataset.Dimensions.Length > 0).Select(dataset =>
                dataset.ToString())];
        }

        public SpectralSeries Series()
        {
            Walk(root, "", 0);
            var (plot, signal) = options.Variable is { } wanted ? Named(wanted) : Chosen();
            var axes = plot is null ? [] : Axes(plot, signal);
            var dimensions = signal.Dimensions;
            // Lengths of one say nothing: (1, 200, 1000) is 200 spectra.
            var kept = Enumerable.Range(0, dimensions.Length).Where(index => dimensions[index] != 1).ToList();
            if (kept.Count == 0) kept = [.. Enumerable.Range(0, dimensions.Length)];
            if (kept.Count is < 1 or > 3) throw new SeriesFormatException("hdf5_dimensions", SeriesReading.Text(
                $"{file.Name}: {signal} has {kept.Count} dimensions; one to three are expected."));
            var shape = kept.Select(index => dimensions[index]).ToArray();
            var along = kept.Select(index => index < axes.Count ? axes[index] : null).ToArray();
            var isMatlab = plot is null && Flag(signal.Dataset, "MATLAB_class");
            if (isMatlab) warnings.Add(new ReadingWarning("hdf5_matlab",
                $"{signal.Path} was written by MATLAB: its dimensions are read in MATLAB's order."));
            var spectral = Spectral(signal, along, isMatlab);
            var pixels = shape.Where((_, index) => index != spectral).Aggregate(1L, (product, length) =>
                length > long.MaxValue / Math.Max(1, product) ? long.MaxValue : product * length);
            SeriesReading.CheckShape(pixels, shape[spectral], options);
            CheckStored(signal);
            var others = Enumerable.Range(0, shape.Length).Where(index => index != spectral).ToArray();
            if (isMatlab) Array.Reverse(others);
            var axis = AxisValues(signal, along[spectral], (int)shape[spectral]);
            var data = Spectra(signal, kept, spectral, others, AxisOrder.Direction(axis) < 0);
            if (AxisOrder.Direction(axis) < 0) Array.Reverse(axis);
            MapShape? map = null;
            if (others.Length == 2)
            {
                map = new MapShape((int)shape[others[0]], (int)shape[others[1]]);
                warnings.Add(new ReadingWarning("hdf5_stack", SeriesReading.Text(
                    $"{signal.Path} is read as an image of {map.Value.Rows} x {map.Value.Columns} spectra with {data.Columns} channels.")));
            }
            var labels = others.Length == 1 && along[others[0]]?.Values is { } rows && rows.Length == data.Rows
                ? rows.Select(value => value.ToString("R", CultureInfo.InvariantCulture)).ToArray()
                : null;
            var metadata = new Dictionary<string, string> { ["signal"] = signal.Path };
            if (labels is not null) metadata["labels"] = along[others[0]]?.Name ?? "";
            if (Text(signal.Dataset, "units") is { } unit) metadata["signal unit"] = unit;
            return new SpectralSeries(
                "NeXus/HDF5", new SpectralAxis(along[spectral]?.Values is null ? "channel" : along[spectral]?.Name ?? "axis", along[spectral]?.Unit,
                    axis), data, labels,
                null, warnings, []) { MapShape = map, Metadata = metadata };
        }

        private void Walk(IH5Group group, string path, int depth)
        {
            if (depth > DeepestGroup) return;
            if (Text(group, "NX_class") == "NXdata") plots.Add(new GroupAt(path.Length == 0 ? "/" : path, group));
            var served = stream.Served;
            foreach (var child in group.Children())
            {
                cancellation.ThrowIfCancellationRequested();
                // The header of an object of this file has just been read from it.
                if (stream.Served == served && child is not IH5UnresolvedLink)
                    throw new SeriesFormatException("hdf5_external",
                        $"{file.Name}: {path}/{child.Name} is a link to another file; it is not followed.");
                if (++nodes > MostNodes) throw new SeriesFormatException("hdf5_damaged",
                    SeriesReading.Text($"{file.Name} holds more than {MostNodes} objects."));
                var at = $"{path}/{child.Name}";
                if (child is IH5Dataset dataset)
                {
                    if (Dimensions(dataset) is { } dimensions) datasets.Add(new DatasetAt(at, dataset, dimensions));
                    else if (child.Name == "start_time") Started ??= Time(dataset);
                }
                else if (child is IH5Group inner) Walk(inner, at, depth + 1);
                served = stream.Served;
            }
        }

        private static DateTime? Time(IH5Dataset dataset)
        {
            if (dataset.Type.Class is not (H5DataTypeClass.String or H5DataTypeClass.VariableLength) || dataset.Type.Size is < 1 or > LongestText
                || dataset.Space.Dimensions.Aggregate((Int128)1, (product, length) => product * length) != 1) return null;
            var text = dataset.Space.Dimensions.Length == 0 ? dataset.Read<string>() : dataset.Read<string[]>()[0];
            return DateTimeOffset.TryParse(text.TrimEnd('\0'), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? time.DateTime
                : null;
        }

        private static long[]? Dimensions(IH5Dataset dataset) =>
            dataset.Type.Class is H5DataTypeClass.FixedPoint or H5DataTypeClass.FloatingPoint
                ? [.. dataset.Space.Dimensions.Select(length => length > long.MaxValue ? long.MaxValue : (long)length)]
                : null;

        private (GroupAt? Plot, DatasetAt Signal) Named(string wanted)
        {
            var path = "/" + wanted.Trim('/');
            if (plots.Find(plot => plot.Path == path || plot.Path.EndsWith(path, StringComparison.Ordinal)) is { } found) return (found,
                SignalOf(found));
            if (datasets.Find(dataset => dataset.Path == path) is { Dimensions.Length: > 0 } named)
            {
                var parent = path[..path.LastIndexOf('/')];
                return (plots.Find(plot => plot.Path == (parent.Length == 0 ? "/" : parent)), named);
            }
            throw new SeriesFormatException("hdf5_variable_missing",
                $"{file.Name} has neither an NXdata group nor a numeric dataset '{wanted}' (found: {List()}).");
        }

        private (GroupAt? Plot, DatasetAt Signal) Chosen()
        {
            if (Default() is { } plot) return (plot, SignalOf(plot));
            if (plots.Count == 1) return (plots[0], SignalOf(plots[0]));
            if (plots.Count > 1) throw new SeriesFormatException("hdf5_variable_ambiguous",
                $"{file.Name} holds several NXdata groups; name the one to read: {string.Join(", ", plots.Take(MostListed).Select(found => found.Path))}.");
            var tables = datasets.Where(dataset => dataset.Dimensions.Count(length => length > 1) >= 2).ToList();
            if (tables.Count == 1)
            {
                warnings.Add(new ReadingWarning("hdf5_no_nxdata", $"The file has no NXdata group; the only table, {tables[0].Path}, was read."));
                return (null, tables[0]);
            }
            throw tables.Count == 0
                ? new SeriesFormatException("hdf5_no_data",
                    $"{file.Name} has no NXdata group and no numeric dataset of two dimensions (found: {List()}).")
                : new SeriesFormatException("hdf5_variable_ambiguous",
                    $"{file.Name} has no NXdata group and several datasets; name the one to read: {string.Join(", ", tables.Take(MostListed))}.");
        }

        // The attribute default names a child, level by level, until NXdata is reached.
        private GroupAt? Default()
        {
            var path = "";
            var group = (IH5Group)root;
            for (var depth = 0; depth < DeepestGroup; depth++)
            {
                if (plots.Find(plot => plot.Path == (path.Length == 0 ? "/" : path)) is { } found) return found;
                if (Text(group, "default") is not { Length: > 0 } next || next.Contains('/') || !group.LinkExists(next)) return null;
                if (group.Get(next) is not IH5Group inner) return null;
                group = inner;
                path = $"{path}/{next}";
            }
            return null;
        }

        private DatasetAt SignalOf(GroupAt plot)
        {
            var members = Members(plot);
            if (Text(plot.Group, "signal") is { } name)
                return members.Find(dataset => dataset.Name == name) ?? throw new SeriesFormatException("hdf5_signal_missing",
                    $"{file.Name}: {plot.Path} names '{name}' as its signal, and there is no such numeric dataset.");
            return members.Find(dataset => Text(dataset.Dataset, "signal") is "1" or "1.0")
                ?? (members.Where(dataset => dataset.Dimensions.Count(length => length > 1) >= 2).ToList() is [var only] ? only : null)
                ?? throw new SeriesFormatException("hdf5_signal_missing", $"{file.Name}: {plot.Path} does not tell its signal (found: {string.Join(", ", members.Take(MostListed))}).");
        }

        private List<DatasetAt> Members(GroupAt plot)
        {
            var prefix = plot.Path == "/" ? "/" : plot.Path + "/";
            return datasets.FindAll(dataset => dataset.Path.StartsWith(prefix, StringComparison.Ordinal)
                && dataset.Path.LastIndexOf('/') == prefix.Length - 1);
        }

        private List<AxisOf?> Axes(GroupAt plot, DatasetAt signal)
        {
            var members = Members(plot);
            var names = Words(plot.Group, "axes") ?? Words(signal.Dataset, "axes");
            if (names is null)
            {
                // The oldest way: each axis says by a number which dimension it belongs to.
                names = new string[signal.Dimensions.Length];
                Array.Fill(names, ".");
                foreach (var member in members)
                    if (int.TryParse(Text(member.Dataset, "axis"), NumberStyles.None, CultureInfo.InvariantCulture,
                        out var number) && number >= 1 && number <= names.Length)
                        names[number - 1] = member.Name;
            }
            return [.. names.Select((name, index) => Axis(members.Find(member => member.Name == name && member != signal),
                index < signal.Dimensions.Length ? signal.Dimensions[index] : 0))];
        }

        private AxisOf? Axis(DatasetAt? axis, long length)
        {
            if (axis is null) return null;
            var unit = Text(axis.Dataset, "units");
            var spectral = SpectralNames.Contains(axis.Name.ToLowerInvariant()) || (unit is not null
                && SpectralUnits.Contains(unit.ToLowerInvariant()));
            if (axis.Dimensions.Length != 1 || (axis.Dimensions[0] != length && axis.Dimensions[0] != length + 1))
            {
                if (spectral) throw new SeriesFormatException("hdf5_axis_length", SeriesReading.Text(
                    $"{file.Name}: {axis} is the axis of a dimension of length {length}."));
                return new AxisOf(axis.Name, unit, null, spectral);
            }
            SeriesReading.CheckShape(1, axis.Dimensions[0], options with { MaxChannels = Math.Max(options.MaxChannels, options.MaxSpectra) + 1 });
            CheckStored(axis);
            var values = Numbers(axis);
            if (values.Length == length + 1)
            {
                warnings.Add(new ReadingWarning("hdf5_axis_edges",
                    $"{axis.Path} has one value more than there are channels: the middles between them are the axis."));
                values = [.. values.Zip(values.Skip(1), (left, right) => (left + right) / 2)];
            }
            return new AxisOf(axis.Name, unit, values, spectral);
        }

        private int Spectral(DatasetAt signal, AxisOf?[] along, bool isMatlab)
        {
            var spectral = Enumerable.Range(0, along.Length).Where(index => along[index]?.Spectral == true).ToArray();
            if (spectral.Length == 1) return spectral[0];
            if (isMatlab) return 0;
            if (along.Length > 1 && (spectral.Length > 1 || along.Length == 3))
                warnings.Add(new ReadingWarning("hdf5_spectral_axis_assumed",
                    $"No name or unit tells which dimension of {signal} the spectra run along: the last was taken."));
            return along.Length - 1;
        }

        private double[] AxisValues(DatasetAt signal, AxisOf? axis, int channels)
        {
            if (axis?.Values is not { } values)
            {
                warnings.Add(new ReadingWarning("hdf5_no_axis", $"{signal.Path} has no axis along the spectra: channels are numbered from zero."));
                return [.. Enumerable.Range(0, channels).Select(index => (double)index)];
            }
            return AxisOrder.Direction(values) != 0
                ? values
                : throw new SeriesFormatException("axis_not_monotonic", $"{file.Name}: the axis {axis.Name} neither rises nor falls all the way.");
        }

        // A large dataset is read slab by slab along the dimension that changes slowest from spectrum to spectrum.
        private DataMatrix Spectra(DatasetAt signal, List<int> kept, int spectral, int[] others, bool falling)
        {
            var shape = kept.Select(index => (int)signal.Dimensions[index]).ToArray();
            var (count, channels) = (shape.Aggregate(1L, (product, length) => product * length), shape[spectral]);
            var most = Math.Min(SlabBytes, options.Storage.MemoryBytes);
            if (count * sizeof(double) <= most || others.Length == 0 || signal.Dataset.Layout.Class == H5DataLayoutClass.Compact)
            {
                var whole = Flatten(Numbers(signal), shape, spectral, others);
                return falling ? whole.SelectColumns([.. Enumerable.Range(0, channels).Reverse()]) : whole;
            }
            var slowest = others[0];
            var rowsPerStep = (int)(count / channels / shape[slowest]);
            var length = (int)Math.Clamp(most / sizeof(double) / (count / shape[slowest]), 1, shape[slowest]);
            // Whole chunks, so that none is unpacked twice.
            if (signal.Dataset.Layout is { Class: H5DataLayoutClass.Chunked, Chunks: { } chunks }
                && (long)chunks[kept[slowest]] is var chunk and > 1 && chunk <= shape[slowest])
                length = (int)Math.Min(shape[slowest], Math.Max(chunk, length / chunk * chunk));
            SeriesReading.CheckShape(1, (long)length * (count / shape[slowest]), options with { MaxChannels = int.MaxValue });
            var served = stream.Served;
            var (slab, from, to) = ((Matrix?)null, 0, 0);
            var type = signal.Dataset.Type;
            var isSingle = type.Size <= (type.Class == H5DataTypeClass.FloatingPoint ? 4 : 2);
            var data = DataMatrix.Make((int)(count / channels), channels, isSingle, options.Storage, (row, values) =>
            {
                if (slab is null || row >= to)
                {
                    cancellation.ThrowIfCancellationRequested();
                    var first = row / rowsPerStep;
                    var size = Math.Min(length, shape[slowest] - first);
                    slab = Slab(signal, kept, shape, spectral, others, first, size);
                    (from, to) = (row, row + size * rowsPerStep);
                }
                slab.Row(row - from).CopyTo(values);
                if (falling) values.Reverse();
            });
            if (stream.Served != served) return data;
            data.Dispose();
            throw Outside(signal);
        }

        private Matrix Slab(DatasetAt signal, List<int> kept, int[] shape, int spectral, int[] others, int first, int size)
        {
            var along = kept[others[0]];
            var starts = new ulong[signal.Dimensions.Length];
            ulong[] blocks = [.. signal.Dimensions.Select(length => (ulong)length)];
            (starts[along], blocks[along]) = ((ulong)first, (ulong)size);
            int[] part = [.. shape];
            part[others[0]] = size;
            var count = blocks.Aggregate(1L, (product, length) => product * (long)length);
            return Flatten(Read(signal, new HyperslabSelection(starts.Length, starts, blocks), count), part, spectral, others);
        }

        private static Matrix Flatten(double[] values, int[] shape, int spectral, int[] others)
        {
            var step = new int[shape.Length];
            for (var (index, size) = (shape.Length - 1, 1); index >= 0; index--)
            {
                step[index] = size;
                size *= shape[index];
            }
            var channels = shape[spectral];
            if (others.Length == 0) return new Matrix(1, channels, values);
            if (spectral == shape.Length - 1 && others.Order().SequenceEqual(others)) return new Matrix(values.Length / channels, channels, values);
            if (spectral == 0 && others.Order().SequenceEqual(others)) return new Matrix(channels, values.Length / channels, values).Transpose();
            var (outer, inner) = others.Length == 2 ? (others[0], others[1]) : (-1, others[0]);
            var (rows, columns) = (outer < 0 ? 1 : shape[outer], shape[inner]);
            var data = new double[values.Length];
            for (var row = 0; row < rows; row++)
                for (var column = 0; column < columns; column++)
                    for (var channel = 0; channel < channels; channel++)
                        data[(row * columns + column) * channels + channel] =
                            values[(outer < 0 ? 0 : row * step[outer]) + column * step[inner] + channel * step[spectral]];
            return new Matrix(rows * columns, channels, data);
        }

        // What is declared must be able to lie in the file before memory is spent on it.
        private void CheckStored(DatasetAt dataset)
        {
            var layout = dataset.Dataset.Layout;
            if (layout.Class == H5DataLayoutClass.VirtualStorage)
                throw new SeriesFormatException("hdf5_external",
                    $"{file.Name}: {dataset.Path} is a view of other datasets, which may lie in other files; it is not read.");
            var count = dataset.Dimensions.Aggregate((Int128)1, (product, length) => product * length);
            var size = dataset.Dataset.Type.Size;
            if (size is < 1 or > 8) throw new SeriesFormatException("hdf5_type",
                SeriesReading.Text($"{file.Name}: {dataset.Path} holds numbers of {size} bytes."));
            if (count > options.MaxValues) SeriesReading.CheckShape(1, (long)Int128.Min(count, long.MaxValue / 2), options);
            if (count == 0) throw new SeriesFormatException("hdf5_no_data", $"{file.Name}: {dataset} has no values.");
            var most = layout.Class == H5DataLayoutClass.Chunked ? Math.Max(NotJudgedBelow,
                options.MaxExpansion * file.Bytes.Length) : file.Bytes.Length;
            if ((double)count * size > most) throw new SeriesFormatException("hdf5_declared_size", SeriesReading.Text(
                $"{file.Name}: {dataset} declares {count * size} bytes, more than a file of {file.Bytes.Length} bytes can hold."));
            if (layout.Class != H5DataLayoutClass.Chunked) return;
            if (layout.Chunks is not { } chunk || chunk.Length < dataset.Dimensions.Length || chunk.Any(length =>
                length == 0)) throw new SeriesFormatException("hdf5_damaged",
                $"{file.Name}: {dataset.Path} does not tell the shape of its chunks.");
            var (chunks, chunkValues) = ((Int128)1, (Int128)1);
            for (var index = 0; index < dataset.Dimensions.Length; index++)
            {
                var length = chunk[index];
                chunks *= ((Int128)dataset.Dimensions[index] + length - 1) / length;
                chunkValues *= length;
                if (chunks > int.MaxValue || chunkValues > Array.MaxLength) break;
            }
            if (chunks > 100_000 + file.Bytes.Length / 8 || chunkValues * size > (Int128)Math.Max(NotJudgedBelow,
                options.MaxExpansion * file.Bytes.Length))
                throw new SeriesFormatException("hdf5_declared_size", SeriesReading.Text(
                    $"{file.Name}: {dataset.Path} declares {chunks} chunks of {chunkValues} values, more than a file of {file.Bytes.Length} bytes can hold."));
        }

        private double[] Numbers(DatasetAt dataset)
        {
            var served = stream.Served;
            var values = Read(dataset, null, dataset.Dimensions.Aggregate(1L, (product, length) => product * length));
            var inFile = dataset.Dataset.Layout.Class == H5DataLayoutClass.Compact ? LiesInFile(dataset) : stream.Served != served;
            return inFile ? values : throw Outside(dataset);
        }

        private SeriesFormatException Outside(DatasetAt dataset) =>
            new("hdf5_external", $"{file.Name}: the values of {dataset.Path} do not lie in the file.");

        private double[] Read(DatasetAt dataset, Selection? part, long count)
        {
            stream.Within(null);
            var type = dataset.Dataset.Type;
            var values = (type.Class, type.Size, type.Class == H5DataTypeClass.FixedPoint && type.FixedPoint.IsSigned) switch
            {
                (H5DataTypeClass.FloatingPoint, 8, _) => dataset.Dataset.Read<double[]>(part),
                (H5DataTypeClass.FloatingPoint, 4, _) => Widened(dataset.Dataset.Read<float[]>(part), value => value),
                (H5DataTypeClass.FloatingPoint, 2, _) => Widened(dataset.Dataset.Read<ushort[]>(part), value =>
                    (double)BitConverter.UInt16BitsToHalf(value)),
                (H5DataTypeClass.FixedPoint, 1, true) => Widened(dataset.Dataset.Read<sbyte[]>(part), value => value),
                (H5DataTypeClass.FixedPoint, 2, true) => Widened(dataset.Dataset.Read<short[]>(part), value => value),
                (H5DataTypeClass.FixedPoint, 4, true) => Widened(dataset.Dataset.Read<int[]>(part), value => value),
                (H5DataTypeClass.FixedPoint, 8, true) => Widened(dataset.Dataset.Read<long[]>(part), value => value),
                (H5DataTypeClass.FixedPoint, 1, false) => Widened(dataset.Dataset.Read<byte[]>(part), value => value),
                (H5DataTypeClass.FixedPoint, 2, false) => Widened(dataset.Dataset.Read<ushort[]>(part), value => value),
                (H5DataTypeClass.FixedPoint, 4, false) => Widened(dataset.Dataset.Read<uint[]>(part), value => value),
                (H5DataTypeClass.FixedPoint, 8, false) => Widened(dataset.Dataset.Read<ulong[]>(part), value => value),
                _ => throw new SeriesFormatException("hdf5_type",
                    SeriesReading.Text($"{file.Name}: {dataset.Path} holds {type.Class} numbers of {type.Size} bytes.")),
            };
            stream.Within(TimeForStructure);
            if (values.Length != count) throw new SeriesFormatException("hdf5_damaged", $"{file.Name}: {dataset} has {values.Length} values.");
            values = NotMeasured.Marked(values, options);
            var bad = Array.FindIndex(values, value => !double.IsFinite(value));
            return bad < 0 ? values : throw new SeriesFormatException("not_finite", SeriesReading.Text(
                $"{file.Name}: value {bad} of {dataset.Path} is {values[bad]}, no finite number."));
        }

        // Compact values were read with the header of their dataset, as they stand in the file.
        private bool LiesInFile(DatasetAt dataset)
        {
            var raw = new byte[dataset.Dimensions.Aggregate(1L, (product, length) => product * length) * dataset.Dataset.Type.Size];
            dataset.Dataset.Read(raw);
            return file.Bytes.Span.IndexOf(raw) >= 0;
        }

        private static double[] Widened<T>(T[] values, Func<T, double> widen) => Array.ConvertAll(values, value => widen(value));

        private static bool Flag(IH5Object node, string name) => node.AttributeExists(name);

        private static string? Text(IH5Object node, string name) => Words(node, name) is [var first, ..] ? first : null;

        // An attribute's words: a text, a list of texts, or a number as text.
        private static string[]? Words(IH5Object node, string name)
        {
            if (!node.AttributeExists(name)) return null;
            var attribute = node.Attribute(name);
            var count = attribute.Space.Dimensions.Aggregate((Int128)1, (product, length) => product * length);
            if (count < 1 || count > LongestText || attribute.Type.Size is < 1 or > LongestText) return null;
            var scalar = attribute.Space.Dimensions.Length == 0;
            string[]? words = attribute.Type.Class switch
            {
                H5DataTypeClass.String or H5DataTypeClass.VariableLength => scalar ? [attribute.Read<string>()] : attribute.Read<string[]>(),
                H5DataTypeClass.FixedPoint => attribute.Type.Size switch
                {
                    1 => [Shown(attribute.Read<sbyte[]>()[0])],
                    2 => [Shown(attribute.Read<short[]>()[0])],
                    4 => [Shown(attribute.Read<int[]>()[0])],
                    8 => [Shown(attribute.Read<long[]>()[0])],
                    _ => null,
                },
                _ => null,
            };
            if (words is [var one] && name == "axes") words = one.Trim('[', ']').Split([':', ','],
                StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            return words is null ? null : [.. words.Select(word => (word ?? "").TrimEnd('\0', ' '))];
        }

        private static string Shown(long number) => number.ToString(CultureInfo.InvariantCulture);

        private string List() => string.Join(", ", plots.Select(plot => plot.Path).Concat(datasets.Select(dataset =>
            dataset.ToString())).Take(MostListed));
    }
}
