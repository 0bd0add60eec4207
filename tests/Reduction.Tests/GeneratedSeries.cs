using System.Diagnostics;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Reading;
using Tutti.Testing;

namespace Tutti.Reduction.Tests;

/// <summary>
/// The synthetic edges and maps that are too large to lie beside the repository: made once by a copy of <c>synthetic_xanes/gen.py</c> in a folder that
/// is deleted with the last test. A test that needs them is skipped, with the reason, where the script or Python with numpy is missing.
/// </summary>
public sealed class GeneratedSeries : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private readonly TemporaryFolder folder = new("generated-series");
    private readonly Lock making = new();
    private readonly HashSet<string> made = [];
    private string? missing;

    public Matrix Start(string set) => Table(set, "ST0");

    public Matrix TrueC(string set) => Table(set, "C");

    public Matrix TrueS(string set) => Table(set, "S");

    /// <summary>D as it lies in the file.</summary>
    public DataMatrix Data(string set) => Map(set, "D");

    public void Dispose() => folder.Dispose();

    private Matrix Table(string set, string part)
    {
        using var mapped = Map(set, part);
        return mapped.ToMatrix();
    }

    private DataMatrix Map(string set, string part)
    {
        Make(set);
        var path = Path.Combine(folder.Path, "inputs", $"{set}.{part}.npy");
        var start = new byte[1024];
        using (var file = File.OpenRead(path)) file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        var header = NpyFormat.ParseHeader(start);
        Assert.Equal((NpyKind.Real, false, false, 2), (header.Kind, header.BigEndian, header.FortranOrder, header.Shape.Count));
        return DataMatrix.Map(path, header.DataOffset, (int)header.Shape[0], (int)header.Shape[1], header.Size == sizeof(float));
    }

    private void Make(string set)
    {
        lock (making)
        {
            var script = SharedData.Path("synthetic_xanes/gen.py");
            missing ??= made.Count > 0 ? null : WithoutNumpy();
            if (missing is not null) Assert.Skip(missing);
            if (!made.Add(set)) return;
            var own = Path.Combine(folder.Path, "gen.py");
            File.Copy(script, own, overwrite: true);
            var (code, said) = Run(own, set);
            Assert.True(code == 0, $"gen.py {set} ended with {code}: {said}");
        }
    }

    private static string? WithoutNumpy()
    {
        const string install = "the generated sets need Python with numpy (Debian: apt-get install python3-numpy; ./test installs it)";
        if (!File.Exists(Python)) return $"There is no {Python}: {install}.";
        var (code, said) = Run("-c", "import numpy");
        return code == 0 ? null : $"{Python} cannot import numpy: {install}. {said.Split('\n')[^1]}";
    }

    private static (int Code, string Said) Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Python, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"{Python} did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var said = process.StandardError.ReadToEnd().Trim();
        _ = output.GetAwaiter().GetResult();
        process.WaitForExit();
        return (process.ExitCode, said);
    }
}

/// <summary>Tests of the generated sets share them, and run one after the other: each of them wants the whole machine.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class GeneratedSeriesCollection : ICollectionFixture<GeneratedSeries>
{
    public const string Name = "generated series";
}
