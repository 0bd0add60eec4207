using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Reading;

/// <summary>
/// MATLAB files up to version 7 (.mat): a two-dimensional real matrix, rows are spectra, or a three-dimensional one as an image stack (rows, columns,
/// channels); which one, where there are several, says <see cref="ReadingOptions.Variable"/>. A vector as long as the channels whose name is that of
/// an axis is the axis.
/// Codes: <c>mat_header</c>, <c>mat_damaged</c>, <c>mat_one_file</c>, <c>mat_no_matrix</c>, <c>mat_variable_missing</c>,
/// <c>mat_variable_ambiguous</c>, <c>mat_expansion</c>, <c>mat_dimensions</c>, <c>not_finite</c> and the limits. Warnings: <c>mat_no_axis</c>,
/// <c>mat_axis_by_name</c>, <c>mat_stack</c>.
/// </summary>
public sealed class MatV5Reader : ISeriesReader
{
    private const int HeaderLength = 128;
    private const int PeekLength = 4096;
    private const int MostVariables = 10_000;
    private const int NotJudgedBelow = 1 << 20;

    private static readonly string[] AxisNames =
        ["axis", "x", "energy", "energies", "e", "wavelength", "wavelengths", "lambda", "wavenumber", "wavenumbers", "nm", "ev", "q", "tth", "angle",
            "theta",
            "channels", "velocity"];

    public string Format => "MATLAB v5";

    public string? WhyNot(IReadOnlyList<NamedContent> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        return files.Any(IsLikely) ? null : "does not begin with a MATLAB 5 header";
    }

    public SpectralSeries Read(IReadOnlyList<NamedContent> files, ReadingOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(options);
        if (files.Count != 1) throw new SeriesFormatException("mat_one_file", "One MATLAB file is one series; several files were given.");
        var file = files[0];
        var variables = Variables(file, options, cancellation);
        var chosen = Choose(file, variables, options);
        var warnings = new List<ReadingWarning>();
        var (rows, columns, channels) = Shape(file, chosen);
        SeriesReading.CheckShape(checked(rows * columns), channels, options);
        var values = chosen.Values(file, options, cancellation);
        // MATLAB keeps the first index fastest: the bytes are the transposed matrix.
        var data = new Matrix((int)channels, (int)(rows * columns), values).Transpose();
        MapShape? map = null;
        if (columns > 1)
        {
            data = data.SelectRows([.. Enumerable.Range(0, (int)(rows * columns)).Select(pixel => (int)(pixel % columns * rows + pixel / columns))]);
            map = new MapShape((int)rows, (int)columns);
            warnings.Add(new ReadingWarning("mat_stack", SeriesReading.Text(
                $"{chosen.Name} is read as an image of {rows} x {columns} spectra with {channels} channels.")));
        }
        var (name, axis) = Axis(file, variables, chosen, data.Columns, options, warnings, cancellation);
        if (axis is not null) (axis, data) = AxisOrder.Rising(axis, data);
        return new SpectralSeries(
            Format, new SpectralAxis(name, null, axis ?? [.. Enumerable.Range(0, data.Columns).Select(index =>
                (double)index)]), data, null, null, warnings, [])
        {
            MapShape = map,
            Metadata = new Dictionary<string, string> { ["variable"] = chosen.Name,
                ["header"] = Encoding.Latin1.GetString(file.Bytes.Span[..116]).TrimEnd('\0', ' ') },
        };
    }

    /// <summary>The numeric matrices in a file, as "name (rows x columns)".</summary>
    internal static IReadOnlyList<string> Contents(NamedContent file, ReadingOptions options, CancellationToken cancellation) =>
        [.. Variables(file, options, cancellation).Select(variable => variable.ToString())];

    internal static bool IsLikely(NamedContent file)
    {
        var bytes = file.Bytes.Span;
        return bytes.Length >= HeaderLength && (bytes[124..128].SequenceEqual("\u0000\u0001IM"u8) || bytes[124..128].SequenceEqual("\u0001\u0000MI"u8)
            || bytes.StartsWith("MATLAB 5.0 MAT-file"u8));
    }

    private static Variable Choose(NamedContent file, List<Variable> variables, ReadingOptions options)
    {
        var list = string.Join(", ", variables.Take(50));
        if (options.Variable is { } wanted)
            return variables.Find(variable => variable.Name == wanted)
                ?? variables.Find(variable => variable.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase))
                ?? throw new SeriesFormatException("mat_variable_missing",
                $"{file.Name} has no real matrix '{wanted}' (found: {list}).");
        var matrices = variables.Where(variable => variable.Dimensions.Count(length => length > 1) >= 2).ToList();
        return matrices.Count switch
        {
            0 => throw new SeriesFormatException("mat_no_matrix", $"{file.Name} holds no real matrix of two or three dimensions (found: {list})."),
            1 => matrices[0],
            _ => throw new SeriesFormatException("mat_variable_ambiguous",
                $"{file.Name} holds several matrices; name the one to read: {string.Join(", ", matrices.Take(50))}."),
        };
    }

    private static (long Rows, long Columns, long Channels) Shape(NamedContent file, Variable variable) => variable.Dimensions switch
    {
        [var rows, var channels] when rows > 0 && channels > 0 => (rows, 1, channels),
        [var rows, var columns, var channels] when rows > 0 && columns > 0 && channels > 0 => (rows, columns, channels),
        _ => throw new SeriesFormatException("mat_dimensions", $"{file.Name}: {variable} is no matrix of two or three dimensions with values."),
    };

    private static (string Name, double[]? Axis) Axis(
        NamedContent file, List<Variable> variables, Variable chosen, int channels, ReadingOptions options, List<ReadingWarning> warnings,
        CancellationToken cancellation)
    {
        foreach (var variable in variables)
        {
            if (ReferenceEquals(variable, chosen) || variable.Count != channels || !variable.Dimensions.Contains(channels)
                || !AxisNames.Contains(variable.Name.ToLowerInvariant()))
                continue;
            var axis = variable.Values(file, options, cancellation);
            if (AxisOrder.Direction(axis) == 0 || axis.Any(value => !double.IsFinite(value))) continue;
            warnings.Add(new ReadingWarning("mat_axis_by_name", $"{variable.Name} was taken as the axis because of its name and length."));
            return (variable.Name.ToLowerInvariant(), axis);
        }
        warnings.Add(new ReadingWarning("mat_no_axis",
            "No vector is named as an axis and as long as the channels: channels are numbered from zero."));
        return ("channel", null);
    }

    private static List<Variable> Variables(NamedContent file, ReadingOptions options, CancellationToken cancellation)
    {
        var bytes = file.Bytes.Span;
        if (bytes.Length < HeaderLength || !(bytes[126] == 'I' && bytes[127] == 'M') && !(bytes[126] == 'M' && bytes[127] == 'I'))
            throw new SeriesFormatException("mat_header", $"{file.Name}: the header does not tell the order of the bytes.");
        var bigEndian = bytes[126] == 'M';
        var version = bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes[124..]) : BinaryPrimitives.ReadUInt16LittleEndian(bytes[124..]);
        if (version != 0x0100) throw new SeriesFormatException("mat_header", SeriesReading.Text($"{file.Name}: version {version:x4} is not known."));
        var variables = new List<Variable>();
        var seen = 0;
        for (var at = HeaderLength; at < bytes.Length;)
        {
            cancellation.ThrowIfCancellationRequested();
            if (++seen > MostVariables) throw Damaged(file, "it holds too many elements");
            var element = Element.At(bytes, at, bigEndian) ?? throw Damaged(file,
                SeriesReading.Text($"the element at byte {at} reaches beyond the end of the file"));
            if (element.Type == Element.Compressed)
            {
                var packed = file.Bytes.Slice(element.Start, element.Length);
                var head = Inflate(file, packed, PeekLength, options, mustEnd: false);
                Verify(file, packed, options, cancellation);
                var inner = Element.Tag(head, 0, bigEndian) ?? throw Damaged(file, "a packed element is cut");
                if (inner.Type == Element.MatrixType && Variable.Parse(file, head.AsMemory(inner.Start), inner.Length, bigEndian) is { } variable)
                    variables.Add(variable with { Packed = packed, UnpackedLength = inner.Start + (long)inner.Length });
            }
            else if (element.Type == Element.MatrixType)
            {
                if (Variable.Parse(file, file.Bytes.Slice(element.Start, element.Length), element.Length,
                    bigEndian) is { } variable) variables.Add(variable);
            }
            at = element.Next;
        }
        return variables;
    }

    private static byte[] Inflate(NamedContent file, ReadOnlyMemory<byte> packed, long length, ReadingOptions options, bool mustEnd)
    {
        if (mustEnd && (length > options.MaxBytes || (length > NotJudgedBelow && length > options.MaxExpansion * packed.Length)))
            throw new SeriesFormatException("mat_expansion", SeriesReading.Text(
                $"{file.Name}: an element declares {length} bytes, packed into {packed.Length}; that is more than allowed."));
        try
        {
            using var unpacking = new ZLibStream(TextContent.Stream(packed), CompressionMode.Decompress);
            var unpacked = new byte[length];
            var read = unpacking.ReadAtLeast(unpacked, unpacked.Length, throwOnEndOfStream: false);
            if (!mustEnd) return unpacked[..read];
            if (read < length || unpacking.ReadByte() >= 0) throw Damaged(file, "a packed element is not as long as it declares");
            return unpacked;
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            throw new SeriesFormatException("mat_damaged", $"{file.Name} is damaged: {exception.Message}", exception);
        }
    }

    // Unpacks to nowhere: the checksum at the end of an element is only seen by who reads to it.
    private static void Verify(NamedContent file, ReadOnlyMemory<byte> packed, ReadingOptions options, CancellationToken cancellation)
    {
        try
        {
            using var unpacking = new ZLibStream(TextContent.Stream(packed), CompressionMode.Decompress);
            var chunk = new byte[1 << 16];
            var length = 0L;
            for (int read; (read = unpacking.Read(chunk)) > 0;)
            {
                cancellation.ThrowIfCancellationRequested();
                length += read;
                if (length > options.MaxBytes || (length > NotJudgedBelow && length > options.MaxExpansion * packed.Length))
                    throw new SeriesFormatException("mat_expansion", SeriesReading.Text(
                        $"{file.Name}: an element of {packed.Length} bytes unpacks to more than allowed."));
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            throw new SeriesFormatException("mat_damaged", $"{file.Name} is damaged: {exception.Message}", exception);
        }
    }

    private static SeriesFormatException Damaged(NamedContent file, string what) => new("mat_damaged", $"{file.Name} is damaged: {what}.");

    /// <summary>A data element: its type, where its data lie and where the next one begins.</summary>
    private readonly record struct Element(int Type, int Start, int Length, int Next)
    {
        public const int MatrixType = 14;
        public const int Compressed = 15;

        /// <summary>The element with all its data within the bytes, or null.</summary>
        public static Element? At(ReadOnlySpan<byte> bytes, int at, bool bigEndian) =>
            Tag(bytes, at, bigEndian) is { } tag && tag.Start + (long)tag.Length <= bytes.Length ? tag : null;

        /// <summary>The element, whose data may be cut, or null where the tag is.</summary>
        public static Element? Tag(ReadOnlySpan<byte> bytes, int at, bool bigEndian)
        {
            if (at + 8L > bytes.Length) return null;
            var first = Word(bytes[at..], bigEndian);
            if (first >> 16 is var small and > 0)
                return small <= 4 ? new Element((int)(first & 0xFFFF), at + 4, (int)small, at + 8) : null;
            var length = Word(bytes[(at + 4)..], bigEndian);
            var next = at + 8L + (first == Compressed ? length : (length + 7L) / 8 * 8);
            return length > int.MaxValue - 16 || next > int.MaxValue ? null : new Element((int)first, at + 8, (int)length, (int)next);
        }

        private static uint Word(ReadOnlySpan<byte> bytes, bool bigEndian) =>
            bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    private sealed record Variable(string Name, long[] Dimensions, ReadOnlyMemory<byte> Body, int RealPart, bool BigEndian)
    {
        private const int FirstNumericClass = 6;
        private const int LastNumericClass = 15;

        public ReadOnlyMemory<byte> Packed { get; init; }
        public long UnpackedLength { get; init; }

        public Int128 Count => Dimensions.Aggregate((Int128)1, (product, length) => product * length);

        public override string ToString() => $"{Name} ({string.Join(" x ", Dimensions)})";

        /// <summary>A real numeric matrix, or null for text, cells, structures, sparse and complex ones; the body may be cut behind the
        /// name.</summary>
        public static Variable? Parse(NamedContent file, ReadOnlyMemory<byte> body, int declared, bool bigEndian)
        {
            var bytes = body.Span;
            if (Element.At(bytes, 0, bigEndian) is not { Length: 8 } flags) throw Damaged(file, "a matrix has no flags");
            var word = Number(bytes.Slice(flags.Start, 4), 6, bigEndian);
            var (kind, complex) = ((int)((uint)word & 0xFF), ((uint)word & 0x0800) != 0);
            if (kind is < FirstNumericClass or > LastNumericClass || complex) return null;
            if (Element.At(bytes, flags.Next, bigEndian) is not { } shape || shape.Length % 4 != 0 || shape.Length < 8 || shape.Length > 128)
                throw Damaged(file, "a matrix has no dimensions");
            var dimensions = new long[shape.Length / 4];
            for (var index = 0; index < dimensions.Length; index++) dimensions[index] = (long)Number(bytes.Slice(shape.Start + 4 * index, 4), 5,
                bigEndian);
            if (dimensions.Any(length => length < 0)) throw Damaged(file, "a matrix has a negative length");
            if (Element.At(bytes, shape.Next, bigEndian) is not { } name) throw Damaged(file, "a matrix has no name");
            if (name.Next > declared) throw Damaged(file, "a matrix is shorter than its name");
            var text = Encoding.Latin1.GetString(bytes.Slice(name.Start, name.Length));
            if (text.Any(char.IsControl)) throw Damaged(file, "the name of a matrix is no text");
            // An empty matrix has no data behind its name.
            return new Variable(text, dimensions, body, name.Next, bigEndian);
        }

        public double[] Values(NamedContent file, ReadingOptions options, CancellationToken cancellation)
        {
            if (Count > options.MaxValues) SeriesReading.CheckShape(1, (long)Int128.Min(Count, long.MaxValue / 2), options);
            var body = Packed.IsEmpty ? Body : Inflate(file, Packed, UnpackedLength, options,
                mustEnd: true).AsMemory((int)(UnpackedLength - BodyLength));
            var bytes = body.Span;
            if (Element.At(bytes, RealPart, BigEndian) is not { } part) throw Damaged(file, $"the values of {Name} are cut");
            var size = part.Type switch
            {
                1 or 2 => 1,
                3 or 4 => 2,
                5 or 6 or 7 => 4,
                9 or 12 or 13 => 8,
                _ => throw Damaged(file, SeriesReading.Text($"the values of {Name} are of an unknown type {part.Type}")),
            };
            if (Count * size != part.Length) throw Damaged(file, SeriesReading.Text(
                $"{this} of {size}-byte numbers needs {Count * size} bytes, it has {part.Length}"));
            var values = new double[(int)Count];
            for (var index = 0; index < values.Length; index++)
            {
                if ((index & 0xFFFFF) == 0) cancellation.ThrowIfCancellationRequested();
                values[index] = Number(bytes.Slice(part.Start + index * size, size), part.Type, BigEndian);
                if (options.NaNIsMissing && double.IsNaN(values[index])) values[index] = NotMeasured.Mark;
                if (!double.IsFinite(values[index])) throw new SeriesFormatException("not_finite", SeriesReading.Text(
                    $"{file.Name}: value {index} of {Name} is {values[index]}, no finite number."));
            }
            return values;
        }

        private long BodyLength => UnpackedLength - 8;

        private static double Number(ReadOnlySpan<byte> bytes, int type, bool bigEndian) => (type, bigEndian) switch
        {
            (1, _) => (sbyte)bytes[0],
            (2, _) => bytes[0],
            (3, false) => BinaryPrimitives.ReadInt16LittleEndian(bytes),
            (3, true) => BinaryPrimitives.ReadInt16BigEndian(bytes),
            (4, false) => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            (4, true) => BinaryPrimitives.ReadUInt16BigEndian(bytes),
            (5, false) => BinaryPrimitives.ReadInt32LittleEndian(bytes),
            (5, true) => BinaryPrimitives.ReadInt32BigEndian(bytes),
            (6, false) => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            (6, true) => BinaryPrimitives.ReadUInt32BigEndian(bytes),
            (7, false) => BinaryPrimitives.ReadSingleLittleEndian(bytes),
            (7, true) => BinaryPrimitives.ReadSingleBigEndian(bytes),
            (9, false) => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
            (9, true) => BinaryPrimitives.ReadDoubleBigEndian(bytes),
            (12, false) => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            (12, true) => BinaryPrimitives.ReadInt64BigEndian(bytes),
            (13, false) => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
            (13, true) => BinaryPrimitives.ReadUInt64BigEndian(bytes),
            _ => throw new InvalidOperationException(SeriesReading.Text($"Type {type} is no number.")),
        };
    }
}
