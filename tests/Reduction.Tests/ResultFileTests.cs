using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using PureHDF;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Plotting;
using Tutti.Reduction.Reading;
using Tutti.Reduction.Results;
using Tutti.Testing;
using static Tutti.Reduction.Tests.ReductionHost;

namespace Tutti.Reduction.Tests;

[Trait("engine", "any")]
public sealed partial class A_result_as_files
{
    private static readonly ResultDescription told =
        new("First charge", "elettra-xafs", "xas", "LNO-3", "CC-BY-4.0", "r version 2");

    private static readonly ReductionOutcome outcome = Reduce.Run(
        SeriesReading.Read(new NamedContent("charge.csv", Csv()), new ReadingOptions { AxisName = "energy", AxisUnit = "eV" }), new ReductionOptions { Components = 3, Closure = new Closure(1) });

    [Fact]
    public void In_nexus_holds_what_was_found_and_how()
    {
        var bytes = Written(file => NexusFile.Write(file, outcome, told));
        using var memory = new MemoryStream(bytes);
        using var file = H5File.Open(memory);
        Assert.Equal("NXroot", file.Attribute("NX_class").Read<string>());
        var entry = file.Group("entry");
        Assert.Equal(("NXentry", "First charge"), (entry.Attribute("NX_class").Read<string>(), entry.Dataset("title").Read<string>()));
        foreach (var name in new[] { "spectra", "concentrations", "residual" }) Assert.Equal("NXdata", entry.Group(name).Attribute("NX_class").Read<string>());
        Same(outcome.Spectra, entry.Dataset("spectra/spectra").Read<double[,]>());
        Same(outcome.Concentrations, entry.Dataset("concentrations/concentrations").Read<double[,]>());
        Same(Matrix.FromRows([.. Enumerable.Range(0, outcome.Used.Data.Rows).Select(outcome.Residual)]), entry.Dataset("residual/residual").Read<double[,]>());
        Assert.Equal(outcome.Used.Axis.Values, entry.Dataset("spectra/axis").Read<double[]>());
        Assert.Equal("eV", entry.Dataset("spectra/axis").Attribute("units").Read<string>());
        Assert.Equal(["component", "axis"], entry.Group("spectra").Attribute("axes").Read<string[]>());
        Assert.Equal(outcome.Result.InputHash, entry.Dataset("process/input_sha256").Read<string>());
        Assert.Contains("\"components\":3", entry.Dataset("process/options").Read<string>(), StringComparison.Ordinal);
        Assert.Contains("charge.csv", Assert.Single(entry.Dataset("process/sources").Read<string[]>()), StringComparison.Ordinal);
        Assert.Equal(bytes, Written(file => NexusFile.Write(file, outcome, told)));
    }

    [Fact]
    public void For_matlab_holds_the_profiles_column_by_column()
    {
        var bytes = Written(file => ResultMatrices.Write(file, outcome, told));
        Assert.Equal("MATLAB 5.0 MAT-file", Encoding.ASCII.GetString(bytes, 0, 19));
        Assert.Equal(((short)0x0100, (byte)'I', (byte)'M'), (BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(124)), bytes[126], bytes[127]));
        var variables = Variables(bytes);
        Same(outcome.Concentrations, variables["C"]);
        Same(outcome.Spectra, variables["S"]);
        Assert.Equal((1, outcome.Used.Axis.Values.Count), (variables["axis"].GetLength(0), variables["axis"].GetLength(1)));
        Assert.Equal("energy (eV)", string.Concat(variables["axis_name"].Cast<double>().Select(letter => (char)letter)));
        Assert.Equal(bytes, Written(file => ResultMatrices.Write(file, outcome, told)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1x")]
    [InlineData("a b")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234")]
    public void For_matlab_take_only_names_that_matlab_takes(string name)
    {
        var mat = new MatV5Writer(new MemoryStream(), "x");
        Assert.Throws<ArgumentException>(() => mat.Write(name, 1, 1, [1]));
        Assert.Throws<ArgumentException>(() => mat.Write("x", 2, 1, [1]));
    }

    [Fact]
    public void In_a_report_fill_one_page()
    {
        var plots = ReductionPlots.All(outcome);
        var bytes = Written(file => ReportPage.Write(file, outcome.Result, plots, told));
        var text = Encoding.Latin1.GetString(bytes);
        Assert.StartsWith("%PDF-1.", text, StringComparison.Ordinal);
        Assert.Contains("%%EOF", text[^16..], StringComparison.Ordinal);
        Assert.Single(Page().Matches(text));
        Assert.Equal(bytes, Written(file => ReportPage.Write(file, outcome.Result, plots, told)));
        var warned = outcome.Result with { Warnings = [.. Enumerable.Range(0, 40).Select(number => new ReadingWarning($"code_{number}", new string('x', 500)))] };
        Assert.Single(Page().Matches(Encoding.Latin1.GetString(Written(file => ReportPage.Write(file, warned, plots, told with { DataSet = "λ₁ " + new string('n', 190) })))));
    }

    [GeneratedRegex(@"/Type\s*/Page\b(?!s)")]
    private static partial Regex Page();

    private static byte[] Written(Action<Stream> write)
    {
        using var file = new MemoryStream();
        write(file);
        return file.ToArray();
    }

    private static void Same(Matrix expected, double[,] read)
    {
        Assert.Equal((expected.Rows, expected.Columns), (read.GetLength(0), read.GetLength(1)));
        Assert.Equal(expected.Values.ToArray(), read.Cast<double>());
    }

    /// <summary>Reads the variables of a MAT-file by its description, not by the writer's code.</summary>
    private static Dictionary<string, double[,]> Variables(byte[] bytes)
    {
        Dictionary<string, double[,]> found = [];
        for (var at = 128; at < bytes.Length;)
        {
            Assert.Equal(14, Int(at));
            var (end, part) = (at + 8 + Int(at + 4), at + 8);
            List<(int Type, int At, int Length)> parts = [];
            while (part < end)
            {
                parts.Add((Int(part), part + 8, Int(part + 4)));
                part += 8 + ((Int(part + 4) + 7) & ~7);
            }
            Assert.Equal(end, part);
            Assert.Equal([6, 5, 1], parts.Take(3).Select(one => one.Type));
            var (rows, columns) = (Int(parts[1].At), Int(parts[1].At + 4));
            var values = new double[rows, columns];
            for (var c = 0; c < columns; c++)
                for (var r = 0; r < rows; r++)
                    values[r, c] = parts[3].Type == 9
                        ? BinaryPrimitives.ReadDoubleLittleEndian(bytes.AsSpan(parts[3].At + (8 * ((c * rows) + r))))
                        : BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(parts[3].At + (2 * ((c * rows) + r))));
            found.Add(Encoding.ASCII.GetString(bytes, parts[2].At, parts[2].Length), values);
            at = end;
        }
        return found;
        int Int(int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
    }
}

public sealed class The_result_of_a_job(ReductionHost host) : IClassFixture<ReductionHost>
{
    [Fact]
    public async Task Comes_in_one_archive_of_the_same_bytes_each_time()
    {
        var job = await host.JobAsync(await host.DataSetAsync());
        await host.EndedAsync(job);
        var bundle = await host.As(Luka).GetByteArrayAsync($"/api/reduction/jobs/{job}/bundle");
        Assert.Equal(bundle, await host.As(Maria).GetByteArrayAsync($"/api/reduction/jobs/{job}/bundle"));
        using var archive = new ZipArchive(new MemoryStream(bundle));
        var names = archive.Entries.Select(entry => entry.FullName).ToList();
        foreach (var name in new[] { "result.json", "result.nxs", "result.mat", "report.pdf", "concentrations.csv", "spectra.csv", "plots/scree.svg", "plots/scree.png" }) Assert.Contains(name, names);
        Assert.All(archive.Entries, entry => Assert.Equal(1980, entry.LastWriteTime.Year));
        foreach (var (name, type) in new[] { ("result.nxs", "application/x-hdf5"), ("result.mat", "application/x-matlab-data"), ("report.pdf", "application/pdf") })
        {
            var answer = await host.As(Maria).GetAsync($"/api/reduction/jobs/{job}/{name}");
            Assert.Equal((HttpStatusCode.OK, type), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
            await using var packed = await (archive.GetEntry(name) ?? throw new InvalidDataException(name)).OpenAsync();
            using var unpacked = new MemoryStream();
            await packed.CopyToAsync(unpacked);
            Assert.Equal(await answer.Content.ReadAsByteArrayAsync(), unpacked.ToArray());
        }
        await Assert.RefusedAsync(await host.As(Office).GetAsync($"/api/reduction/jobs/{job}/bundle"), HttpStatusCode.Forbidden, "data-set.contents-closed");
        Assert.Equal(HttpStatusCode.NotFound, (await host.As(Stranger).GetAsync($"/api/reduction/jobs/{job}/bundle")).StatusCode);
        var cancelled = await host.JobAsync(await host.DataSetAsync(Csv(new())), LongOptions);
        await Assert.RefusedAsync(await host.As(Maria).GetAsync($"/api/reduction/jobs/{cancelled}/bundle"), HttpStatusCode.Conflict, "job.no-result");
        (await host.As(Maria).DeleteAsync($"/api/reduction/jobs/{cancelled}")).EnsureSuccessStatusCode();
    }
}
