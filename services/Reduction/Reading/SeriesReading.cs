using System.Globalization;
using System.Security.Cryptography;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Reading;

/// <summary>
/// Reads files of unknown format into one series: archives are unpacked, each reader is asked whether it knows the content, and where none does the
/// error says what was tried. Whatever the input, the outcome is a series or a <see cref="SeriesFormatException"/>.
/// Codes of its own: <c>no_input</c>, <c>too_many_files</c>, <c>too_large</c>, <c>empty_file</c>, <c>unknown_format</c>, <c>several_formats</c>,
/// <c>electrochemistry</c>, <c>not_finite</c>, <c>file_missing</c>, <c>file_unreadable</c>.
/// </summary>
public static class SeriesReading
{
    private const int WarningsOfOneKind = 10;
    private const int DeepestFolder = 8;

    // A format that says what it is comes before one that is only known by its looks.
    private static readonly ISeriesReader[] Marked =
        [new NexusReader(), new NpyReader(), new MatV5Reader(), new AthenaProjectReader(), new StxmReader(), new XdiReader()];

    private static readonly ISeriesReader[] Readers =
        [.. Marked, new ChiReader(), new ChannelCountsReader(), new ColumnAsciiReader(), new CsvMatrixReader()];

    /// <summary>The formats that can be read.</summary>
    public static IReadOnlyList<string> Formats => [.. Readers.Select(reader => reader.Format)];

    /// <summary>Reads one file or archive.</summary>
    public static SpectralSeries Read(NamedContent file, ReadingOptions? options = null, CancellationToken cancellation = default) =>
        Read([file], options, cancellation);

    /// <summary>Reads files and folders, with what lies in folders below them, as one series; what is left out is warned of.</summary>
    public static SpectralSeries ReadPaths(
        IReadOnlyList<string> pathsOrFolders, ReadingOptions? options = null, CancellationToken cancellation = default)
    {
        var skipped = new List<ReadingWarning>();
        var series = Read(Load(pathsOrFolders, options ?? new ReadingOptions(), skipped, cancellation), options, cancellation);
        return series with { Warnings = [.. skipped, .. series.Warnings] };
    }

    /// <summary>Reads files that together are one series.</summary>
    public static SpectralSeries Read(IReadOnlyList<NamedContent> files, ReadingOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new ReadingOptions();
        var unpacked = Unpacked(files, options, cancellation);
        if (unpacked.Count > 1 && Marked.Where(reader => unpacked.Any(file => reader.WhyNot([file]) is null)).ToArray() is { Length: > 1 } several)
            throw new SeriesFormatException("several_formats",
                $"The files are of several formats ({string.Join(", ", several.Select(reader => reader.Format))}); name those that are the series.");
        var tried = new List<string>();
        foreach (var reader in Readers)
        {
            if (reader.WhyNot(unpacked) is { } reason)
            {
                tried.Add($"{reader.Format}: {reason}");
                continue;
            }
            // What a reader would leave out may be part of the series all the same.
            if (unpacked.Count > 1 && reader is XdiReader or ChannelCountsReader
                && unpacked.Where(file => reader.WhyNot([file]) is not null && Readers.Any(other => other.WhyNot([file]) is null)).ToArray() is { Length: > 0 } others)
                throw new SeriesFormatException("several_formats", $"The files are of several formats ({reader.Format}, and {Alone(others)}); name those that are the series.");
            try
            {
                var series = reader.Read(unpacked, options, cancellation);
                if (options.NaNIsMissing) series = NotMeasured.Separate(series);
                // Bytes in place are bytes as long as their file is held open: until the sources have been hashed.
                return series with
                {
                    Sources = SourcesOf(files, cancellation),
                    Warnings = Condensed(series.Warnings),
                    Axis = series.Axis with { Name = options.AxisName ?? series.Axis.Name, Unit = options.AxisUnit ?? series.Axis.Unit },
                };
            }
            catch (NumericsException numerics)
            {
                throw new SeriesFormatException(numerics.Code, $"Read as {reader.Format}: {numerics.Message}", numerics);
            }
        }
        if (unpacked.Count > 1 && Alone(unpacked) is { Length: > 0 } alone)
            throw new SeriesFormatException("several_formats", Text(
                $"The {unpacked.Count} files are no series together (alone: {alone}); name those that are the series."));
        throw new SeriesFormatException("unknown_format", $"{unpacked[0].Name} is of no known format. Tried: {string.Join("; ", tried)}.");
    }

    // What the first files would be, each for itself.
    private static string Alone(IReadOnlyList<NamedContent> files) => string.Join(", ", files.Take(WarningsOfOneKind)
        .Select(file => (file.Name, Format: Readers.FirstOrDefault(reader => reader.WhyNot([file]) is null)?.Format))
        .Where(file => file.Format is not null).Select(file => $"{file.Name} is {file.Format}"));

    /// <summary>What the files hold, without taking anything for granted: a file with several matrices lists them instead of being refused.</summary>
    public static SeriesInspection Inspect(IReadOnlyList<NamedContent> files, ReadingOptions? options = null,
        CancellationToken cancellation = default)
    {
        options ??= new ReadingOptions();
        var unpacked = Unpacked(files, options, cancellation, electrochemistryToo: true);
        if (unpacked is [var one])
        {
            if (BiologicMptReader.Resembles(one)) return SeriesInspection.Of(one, BiologicMptReader.Read(one, options, cancellation),
                SourcesOf(files, cancellation));
            var listed = MatV5Reader.IsLikely(one) ? MatV5Reader.Contents(one, options, cancellation)
                : NexusReader.IsLikely(one) ? NexusReader.Contents(one, options, cancellation) : null;
            if (listed is not null)
            {
                try
                {
                    return SeriesInspection.Of(Read(files, options, cancellation)) with { Contents = listed };
                }
                catch (SeriesFormatException exception) when (exception.Code is "mat_variable_ambiguous" or "hdf5_variable_ambiguous" or "mat_no_matrix" or "hdf5_no_data")
                {
                    return new SeriesInspection(MatV5Reader.IsLikely(one) ? "MATLAB v5" : "NeXus/HDF5", SourcesOf(files, cancellation))
                    {
                        Contents = listed,
                        Warnings = [new ReadingWarning(exception.Code, exception.Message)],
                    };
                }
            }
        }
        return SeriesInspection.Of(Read(files, options, cancellation));
    }

    /// <summary>
    /// The files that the paths name, and those in the folders that they name and below them, in the natural order of their paths; hidden ones and links
    /// to folders are left out, and added to <paramref name="skipped"/>. A file below a folder is called by its path from there. Codes
    /// <c>file_missing</c>, <c>file_unreadable</c>, <c>folder_too_deep</c> and the limits; warnings <c>hidden_skipped</c>, <c>link_skipped</c>.
    /// </summary>
    public static IReadOnlyList<NamedContent> Load(
        IReadOnlyList<string> pathsOrFolders, ReadingOptions? options = null, ICollection<ReadingWarning>? skipped = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pathsOrFolders);
        options ??= new ReadingOptions();
        var paths = new List<(string Path, string Name)>();
        var files = new List<NamedContent>();
        var total = 0L;
        try
        {
            foreach (var path in pathsOrFolders)
            {
                if (Directory.Exists(path)) paths.AddRange(Below(path, options, skipped, cancellation));
                else if (File.Exists(path)) paths.Add((path, Path.GetFileName(path)));
                else throw new SeriesFormatException("file_missing", $"There is no file or folder {path}.");
            }
            if (paths.Count > options.MaxFiles) throw new SeriesFormatException("too_many_files",
                Text($"{paths.Count} files are more than the {options.MaxFiles} allowed."));
            foreach (var (path, name) in paths)
            {
                cancellation.ThrowIfCancellationRequested();
                if (paths.Count > 1) total += new FileInfo(path).Length;
                if (total > options.MaxBytes) throw new SeriesFormatException("too_large", Text(
                    $"The files have more than the {options.MaxBytes} bytes allowed."));
                files.Add(NamedContent.OfFile(path, name, options));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SeriesFormatException("file_unreadable", exception.Message, exception);
        }
        return files;
    }

    private static IEnumerable<(string Path, string Name)> Below(
        string folder, ReadingOptions options, ICollection<ReadingWarning>? skipped, CancellationToken cancellation)
    {
        var found = new List<(string Path, string Name)>();
        var folders = new Queue<(DirectoryInfo Folder, string Prefix, int Depth)>([(new DirectoryInfo(folder), "", 0)]);
        var (hidden, seen) = (0, 0);
        while (folders.TryDequeue(out var next))
        {
            foreach (var entry in next.Folder.EnumerateFileSystemInfos())
            {
                cancellation.ThrowIfCancellationRequested();
                // Folders count too, so that a tree of empty ones comes to an end.
                if (++seen > 2L * options.MaxFiles || found.Count > options.MaxFiles) throw new SeriesFormatException("too_many_files",
                    Text($"{folder} holds more than the {options.MaxFiles} files allowed."));
                if (entry.Name.StartsWith('.') || (entry.Attributes & FileAttributes.Hidden) != 0) hidden++;
                else if (entry is FileInfo) found.Add((entry.FullName, next.Prefix + entry.Name));
                else if (entry.LinkTarget is not null)
                    skipped?.Add(new ReadingWarning("link_skipped", $"{next.Prefix}{entry.Name} is a link to a folder and was left out."));
                else if (next.Depth == DeepestFolder) throw new SeriesFormatException("folder_too_deep",
                    Text($"{next.Prefix}{entry.Name} lies more than {DeepestFolder} folders below {folder}."));
                else folders.Enqueue(((DirectoryInfo)entry, $"{next.Prefix}{entry.Name}/", next.Depth + 1));
            }
        }
        if (hidden > 0) skipped?.Add(new ReadingWarning("hidden_skipped", Text($"{hidden} hidden files or folders in {folder} were left out.")));
        return found.OrderBy(file => file.Name, NaturalOrder.Instance);
    }

    private static IReadOnlyList<NamedContent> Unpacked(
        IReadOnlyList<NamedContent> files, ReadingOptions options, CancellationToken cancellation, bool electrochemistryToo = false)
    {
        ArgumentNullException.ThrowIfNull(files);
        if (files.Count == 0) throw new SeriesFormatException("no_input", "No file was given.");
        if (files.Count > options.MaxFiles) throw new SeriesFormatException("too_many_files",
            Text($"{files.Count} files are more than the {options.MaxFiles} allowed."));
        var total = files.Sum(file => file.InPlace ? 0L : file.Bytes.Length);
        if (total > options.MaxBytes) throw new SeriesFormatException("too_large", Text(
            $"{total} bytes are more than the {options.MaxBytes} allowed."));
        var unpacked = ArchiveUnpacking.Unpack(files, options, cancellation);
        foreach (var file in unpacked)
        {
            if (file.Bytes.IsEmpty) throw new SeriesFormatException("empty_file", $"{file.Name} is empty.");
            if (!electrochemistryToo && BiologicMptReader.Resembles(file)) throw new SeriesFormatException("electrochemistry",
                $"{file.Name} is an electrochemistry log (BioLogic): it holds no spectra and goes with a series as its clock.");
        }
        return unpacked;
    }

    private static SourceFile[] SourcesOf(IReadOnlyList<NamedContent> files, CancellationToken cancellation) => [.. files.Select(file =>
    {
        const int bytesBetweenLooks = 1 << 20;
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var at = 0; at < file.Bytes.Length; at += bytesBetweenLooks)
        {
            cancellation.ThrowIfCancellationRequested();
            sum.AppendData(file.Bytes.Span[at..Math.Min(file.Bytes.Length, at + bytesBetweenLooks)]);
        }
        return new SourceFile(file.Name, Convert.ToHexStringLower(sum.GetHashAndReset()), file.Bytes.Length);
    })];

    // A folder of thousands of files says the same of each.
    private static List<ReadingWarning> Condensed(IReadOnlyList<ReadingWarning> warnings)
    {
        var condensed = new List<ReadingWarning>();
        foreach (var kind in warnings.GroupBy(warning => warning.Code))
        {
            var all = kind.ToArray();
            condensed.AddRange(all.Take(WarningsOfOneKind));
            if (all.Length > WarningsOfOneKind)
                condensed.Add(new ReadingWarning(kind.Key, Text($"... and {all.Length - WarningsOfOneKind} more of this kind.")));
        }
        return condensed;
    }

    internal static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Refuses a table beyond the limits before it is held in memory.</summary>
    internal static void CheckShape(long spectra, long channels, ReadingOptions options)
    {
        if (spectra > options.MaxSpectra) throw new SeriesFormatException("too_many_spectra",
            Text($"{spectra} spectra are more than the {options.MaxSpectra} allowed."));
        if (channels > options.MaxChannels) throw new SeriesFormatException("too_many_channels",
            Text($"{channels} channels are more than the {options.MaxChannels} allowed."));
        if (spectra * channels > options.MaxValues)
            throw new SeriesFormatException("too_many_values", Text($"{spectra} x {channels} values are more than the {options.MaxValues} allowed."));
    }
}
