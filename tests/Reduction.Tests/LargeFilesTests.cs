using System.Buffers.Binary;
using PureHDF;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Tests;

[Trait("engine", "any")]
public sealed class An_hdf5_file_of_the_older_kind
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Is_read_with_and_without_chunks(bool chunked)
    {
        var series = SeriesReading.Read(OldHdf5.Of(4, 6, chunked));
        Assert.Equal(Enumerable.Range(0, 24).Select(value => (double)value), series.Data.ToMatrix().Values.ToArray());
        Assert.Equal("/table", series.Metadata?["signal"]);
    }

    [Theory]
    [InlineData("fill value", false)]
    [InlineData("old fill value", false)]
    [InlineData("compact", false)]
    [InlineData("header", false)]
    [InlineData("continuation", false)]
    [InlineData("chunk", true)]
    [InlineData("rows", false)]
    [InlineData("rows", true)]
    public void That_declares_two_gigabytes_is_refused_before_they_are_allocated(string what, bool chunked)
    {
        var file = OldHdf5.Of(4, 6, chunked, what);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var exception = Assert.Throws<SeriesFormatException>(() => SeriesReading.Read(file));
        Assert.Contains(exception.Code, (string[])["hdf5_damaged", "hdf5_declared_size", "too_many_values", "too_many_spectra"]);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50_000_000);
    }
}

[Trait("engine", "any")]
public sealed class A_file_beyond_the_memory : IDisposable
{
    private static readonly ReadingOptions Little = new() { MaxBytes = 1 << 12, Storage = new MatrixStorage { MemoryBytes = 1 << 12 } };
    private readonly string folder = Directory.CreateTempSubdirectory("tutti-beyond-").FullName;

    public void Dispose() => Directory.Delete(folder, true);

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(0, true)]
    [InlineData(2, true)]
    public void In_hdf5_is_read_in_place_and_slab_by_slab_whichever_way_the_stack_lies(int spectral, bool chunked)
    {
        ulong[] shape = [23, 29, 31];
        var values = Enumerable.Range(0, 23 * 29 * 31).Select(value => (float)(value * 7 % 1009)).ToArray();
        var axes = Enumerable.Repeat(".", 3).ToArray();
        axes[spectral] = "energy";
        var path = Write(new H5Dataset(values, fileDims: shape, chunks: chunked ? [5, 4, 7] : null), axes, (int)shape[spectral]);
        var whole = SeriesReading.ReadPaths([path]);
        var pieces = SeriesReading.ReadPaths([path], Little);
        using var data = pieces.Data;
        Assert.True(data.IsMapped && data.IsSingle && !whole.Data.IsMapped);
        Assert.Equal(whole.Data.ToMatrix().Values, data.ToMatrix().Values);
        Assert.Equal(whole.Axis.Values, pieces.Axis.Values);
        Assert.Equal(whole.MapShape, pieces.MapShape);
        Assert.Equal(whole.Sources, pieces.Sources);
        Assert.Equal(whole.Warnings, pieces.Warnings);
        // The energies fall in the file.
        Assert.True(whole.Axis.Values[0] < whole.Axis.Values[^1]);
    }

    [Fact]
    public void In_hdf5_keeps_what_float32_cannot_hold()
    {
        var values = Enumerable.Range(0, 22500).Select(value => 20_000_001 + value).ToArray();
        using var data = SeriesReading.ReadPaths([Write(new H5Dataset(values, fileDims: [150, 150]), [".", "energy"], 150)], Little).Data;
        Assert.True(data.IsMapped && !data.IsSingle);
        Assert.Equal(20_000_001 + 149, data[0, 0]);
    }

    [Fact]
    public void In_any_other_format_is_refused_with_the_reason()
    {
        var path = Path.Combine(folder, "large.csv");
        File.WriteAllText(path, "7100,7101\n" + string.Concat(Enumerable.Repeat("1,2\n", 2000)));
        var exception = Assert.Throws<SeriesFormatException>(() => SeriesReading.ReadPaths([path], Little));
        Assert.Equal("too_large", exception.Code);
        Assert.Contains("HDF5", exception.Message, StringComparison.Ordinal);
    }

    private string Write(H5Dataset counts, string[] axes, int channels)
    {
        var path = Path.Combine(folder, "stack.h5");
        File.WriteAllBytes(path, MadeFile.Hdf5(new H5File
        {
            ["data"] = new H5Group
            {
                ["counts"] = counts,
                ["energy"] = new H5Dataset(Enumerable.Range(0, channels).Select(channel => 700.0 - channel).ToArray()) { Attributes = new() { ["units"] = "eV" } },
                Attributes = new() { ["NX_class"] = "NXdata", ["signal"] = "counts", ["axes"] = axes },
            },
        }).Bytes.ToArray());
        return path;
    }
}

[Trait("engine", "any")]
public sealed class A_folder_of_folders : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("tutti-folders-").FullName;

    public void Dispose() => Directory.Delete(folder, true);

    private void Put(string path, double value)
    {
        var full = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full) ?? folder);
        File.WriteAllText(full, FormattableString.Invariant($"# energy mu\n7100 {value}\n7101 {value}\n"));
    }

    [Fact]
    public void Is_a_series_in_the_natural_order_of_the_paths_and_says_what_was_left_out()
    {
        Put("scan_10/data.txt", 10);
        Put("scan_9/data.txt", 9);
        Put("scan_1/part/data_2.txt", 1);
        Put(".git/data.txt", 99);
        Put("scan_9/.hidden.txt", 99);
        Directory.CreateSymbolicLink(Path.Combine(folder, "again"), folder);
        var series = SeriesReading.ReadPaths([folder]);
        Assert.Equal([1, 9, 10], series.Data.Column(0));
        Assert.Equal(["scan_1/part/data_2.txt", "scan_9/data.txt", "scan_10/data.txt"], series.Labels);
        Assert.Equal(["link_skipped", "hidden_skipped"], series.Warnings.Take(2).Select(warning => warning.Code));
        Assert.StartsWith("2 hidden", series.Warnings[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Stands_in_the_order_of_the_clock_where_the_files_tell_it()
    {
        foreach (var (path, started, value) in new[] { ("a/1.xdi", "2020-01-02T10:00:00", 2.0), ("b/2.xdi", "2020-01-01T10:00:00", 1.0) })
        {
            Directory.CreateDirectory(Path.Combine(folder, path[..1]));
            File.WriteAllBytes(Path.Combine(folder, path), Files.Xdi("x", started, value).Bytes.ToArray());
        }
        var series = SeriesReading.ReadPaths([folder]);
        Assert.Equal([1, 2], series.Data.Column(0));
        Assert.Equal(new DateTime(2020, 1, 1, 10, 0, 0), series.Times?[0]);
    }

    [Fact]
    public void Comes_to_an_end_at_the_limits()
    {
        for (var file = 0; file < 12; file++) Put($"s{file}/data.txt", file);
        Assert.Equal("too_many_files", Code(new ReadingOptions { MaxFiles = 10 }));
        Put("a/b/c/d/e/f/g/h/i/data.txt", 1);
        Assert.Equal("folder_too_deep", Code(new ReadingOptions()));

        string Code(ReadingOptions options) => Assert.Throws<SeriesFormatException>(() => SeriesReading.ReadPaths([folder], options)).Code;
    }
}

[Trait("engine", "any")]
public sealed class A_series_below_zero
{
    [Fact]
    public void Is_refused_with_the_reason_before_components_are_looked_for()
    {
        var edges = Made.Run(Made.SyntheticEdges(), new Preparation.Scale(-1, -0.1)).Series;
        Assert.Equal("negative_data", Assert.Throws<NumericsException>(() => Reduce.Run(edges, new ReductionOptions { Components = 2 })).Code);
        Assert.Equal("negative_data", Assert.Throws<NumericsException>(() => Reduce.Run(edges, new ReductionOptions { Components = 2, NonNegativeC = false })).Code);
        var free = Reduce.Run(edges, new ReductionOptions { Components = 2, NonNegativeC = false, Start = StartMethod.Clusters, MaxIterations = 5 });
        Assert.InRange(free.Result.BestLofPercent, 0, 100);
        Assert.True(free.Concentrations.Values.ToArray().Min() < 0);
    }
}

[Trait("engine", "any")]
public sealed class A_numpy_array_in_its_file : IDisposable
{
    private static readonly double[] values = [.. Enumerable.Range(1, 2 * 3 * 4).Select(value => (double)(value * 7 % 11))];
    private readonly string folder = Directory.CreateTempSubdirectory("tutti-mapped-").FullName;

    public void Dispose() => Directory.Delete(folder, true);

    [Theory]
    [InlineData("<f4", new[] { 6, 4 }, null)]
    [InlineData("<f4", new[] { 6, 4 }, new double[] { 7, 8, 9, 10 })]
    [InlineData("<f8", new[] { 2, 3, 4 }, null)]
    [InlineData("<f8", new[] { 2, 3, 4 }, new double[] { 7, 8, 9, 10 })]
    public void Is_the_series_that_it_is_in_memory_with_its_axis_and_its_image(string type, int[] shape, double[]? axis)
    {
        var files = Put(MadeFile.Npy(type, false, shape, values), axis);
        var mapped = MappedArray.Of(files, new ReadingOptions());
        Assert.NotNull(mapped);
        using var data = mapped.Data;
        var read = SeriesReading.ReadPaths([.. files.Select(file => file.Path)]);
        Assert.True(data.IsMapped && !read.Data.IsMapped);
        Assert.Equal(read.Data.ToMatrix().Values, data.ToMatrix().Values);
        Assert.Equal((read.Axis.Name, read.MapShape, read.Format), (mapped.Axis.Name, mapped.MapShape, mapped.Format));
        Assert.Equal(read.Axis.Values, mapped.Axis.Values);
        Assert.Equal(read.Warnings.OrderBy(warning => warning.Code), mapped.Warnings.OrderBy(warning => warning.Code));
        Assert.Equal(read.Sources, mapped.Sources);
    }

    [Theory]
    [InlineData("<i4", false, new[] { 6, 4 }, null)]
    [InlineData(">f4", false, new[] { 6, 4 }, null)]
    [InlineData("<f8", true, new[] { 6, 4 }, null)]
    [InlineData("<f8", false, new[] { 24 }, null)]
    [InlineData("<f8", false, new[] { 6, 4 }, new double[] { 10, 9, 8, 7 })]
    [InlineData("<f8", false, new[] { 4, 2, 3 }, new double[] { 7, 8, 9, 10 })]
    public void Is_left_to_the_memory_where_its_values_lie_otherwise(string type, bool fortran, int[] shape, double[]? axis)
    {
        var files = Put(MadeFile.Npy(type, fortran, shape, values), axis);
        Assert.Null(MappedArray.Of(files, new ReadingOptions()));
        using var read = SeriesReading.ReadPaths([.. files.Select(file => file.Path)]).Data;
        Assert.Equal(24, read.Count);
    }

    [Fact]
    public void Is_refused_with_an_axis_that_is_none_and_left_alone_beyond_the_limits()
    {
        var files = Put(MadeFile.Npy("<f4", false, [6, 4], values), [7, 8, 9]);
        Assert.Equal("npy_files", Assert.Throws<SeriesFormatException>(() => MappedArray.Of(files, new ReadingOptions())).Code);
        files = Put(MadeFile.Npy("<f4", false, [6, 4], values), [7, 9, 8, 10]);
        Assert.Equal("axis_not_monotonic", Assert.Throws<SeriesFormatException>(() => MappedArray.Of(files, new ReadingOptions())).Code);
        foreach (var little in new[] { new ReadingOptions { MaxValuesInPlace = 23 }, new ReadingOptions { MaxSpectra = 5 }, new ReadingOptions { MaxChannels = 3 } })
            Assert.Null(MappedArray.Of(files[..1], little));
        using var data = MappedArray.Of(files[..1], new ReadingOptions { MaxValues = 1 })?.Data;
        Assert.Equal(24, data?.Count);
    }

    private (string Path, string Name)[] Put(NamedContent array, double[]? axis)
    {
        List<(string Path, string Name)> files = [(Path.Combine(folder, "map.npy"), "map.npy")];
        File.WriteAllBytes(files[0].Path, array.Bytes.ToArray());
        if (axis is null) return [.. files];
        files.Add((Path.Combine(folder, "axis.npy"), "axis.npy"));
        File.WriteAllBytes(files[1].Path, MadeFile.Npy("<f8", false, [axis.Length], axis).Bytes.ToArray());
        return [.. files];
    }
}

/// <summary>Small HDF5 files as before version 1.8 (symbol tables, headers without checksums), byte by byte.</summary>
internal static class OldHdf5
{
    private const ulong Nowhere = ulong.MaxValue;

    /// <summary>The table 0, 1, 2, ... as "table", in chunks of half its rows or contiguous; <paramref name="damage"/> says what declares too much.</summary>
    public static NamedContent Of(int rows, int columns, bool chunked, string damage = "")
    {
        const int root = 96, tree = 136, heap = 680, names = 712, symbols = 728, header = 1056, index = 1400, data = 1800;
        const uint gigantic = 0x7FFFFFF0;
        var bytes = new byte[data + 8 * rows * columns];
        Put(0, [0x89, .. "HDF\r\n"u8, 0x1A, (byte)'\n', 0, 0, 0, 0, 0, 8, 8, 0, 4, 0, 16, 0]);
        Longs(24, 0, Nowhere, (ulong)bytes.Length, Nowhere, 0, root);
        Words(72, 1, 0);
        Longs(80, tree, heap);
        Header(root, (0x11, [.. Long(tree), .. Long(heap)]));
        Put(tree, [.. "TREE"u8, 0, 0, 1, 0]);
        Longs(tree + 8, Nowhere, Nowhere, 0, symbols, 8);
        Put(heap, [.. "HEAP"u8]);
        Longs(heap + 8, 16, 1, names);
        Put(names + 8, "table"u8);
        Put(symbols, [.. "SNOD"u8, 1, 0, 1, 0]);
        Longs(symbols + 8, 8, header);
        var list = new List<(int, byte[])>
        {
            (1, [1, 2, 0, 0, 0, 0, 0, 0, .. Long(damage == "rows" ? 1UL << 28 : (ulong)rows), .. Long((ulong)columns)]),
            (3, [0x11, 0x20, 0x3F, 0, .. Word(8), 0, 0, 64, 0, 52, 11, 0, 52, .. Word(1023), 0, 0, 0, 0]),
            (5, [2, 1, 0, 1, .. Word(damage == "fill value" ? gigantic : 8), .. new byte[8]]),
            (8, damage == "compact" ? [1, 2, 0, 0, 0, 0, 0, 0, .. Word((uint)rows), .. Word((uint)columns), .. Word(gigantic), .. new byte[4]]
                : chunked ? [3, 2, 3, .. Long(index), .. Word((uint)rows / 2), .. Word((uint)columns), .. Word(8), 0]
                : [3, 1, .. Long(data), .. Long((ulong)(8 * rows * columns)), .. new byte[6]]),
        };
        if (damage == "old fill value") list.Add((4, [.. Word(gigantic), .. new byte[4]]));
        if (damage == "continuation") list.Add((16, [.. Long(data), .. Long(gigantic)]));
        Header(header, [.. list]);
        if (damage == "header") Words(header + 8, gigantic);
        if (chunked)
        {
            Put(index, [.. "TREE"u8, 1, 0, 2, 0]);
            Longs(index + 8, Nowhere, Nowhere);
            for (var chunk = 0; chunk < 3; chunk++)
            {
                var at = index + 24 + chunk * 40;
                Words(at, damage == "chunk" ? gigantic : (uint)(4 * rows * columns), 0);
                Longs(at + 8, (ulong)(chunk * rows / 2), 0, 0);
                if (chunk < 2) Longs(at + 32, (ulong)(data + chunk * 4 * rows * columns));
            }
        }
        for (var value = 0; value < rows * columns; value++) BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(data + 8 * value), value);
        return new NamedContent("old.h5", bytes);

        void Put(int at, ReadOnlySpan<byte> content) => content.CopyTo(bytes.AsSpan(at));
        void Words(int at, params uint[] values) => Put(at, [.. values.SelectMany(Word)]);
        void Longs(int at, params ulong[] values) => Put(at, [.. values.SelectMany(Long)]);
        void Header(int at, params (int Type, byte[] Body)[] messages)
        {
            byte[] content = [.. messages.SelectMany(message => (byte[])
                [(byte)message.Type, 0, (byte)message.Body.Length, 0, 0, 0, 0, 0, .. message.Body])];
            Put(at, [1, 0, (byte)messages.Length, 0, .. Word(1), .. Word((uint)content.Length), 0, 0, 0, 0, .. content]);
        }
    }

    private static byte[] Word(uint value) => BitConverter.GetBytes(value);

    private static byte[] Long(ulong value) => BitConverter.GetBytes(value);
}
