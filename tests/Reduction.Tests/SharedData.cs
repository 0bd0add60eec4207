using System.Globalization;
using System.Runtime.InteropServices;
using Tutti.Reduction.Numerics;
using Tutti.Testing;

namespace Tutti.Reduction.Tests;

/// <summary>The third-party data beside the repository; a test that needs what is not there says so and is skipped.</summary>
internal static class SharedData
{
    public static string Path(string relative)
    {
        var path = Find(relative);
        if (path is null) Assert.Skip($"The measured data {relative} are not on this machine (TUTTI_SHARED names their folder).");
        return path;
    }

    /// <summary>Where the data lie, or null where they are not on this machine.</summary>
    public static string? Find(string relative) => SharedFolder.File("data", "reduction", relative);

    /// <summary>The numbers of a comma-separated file below its header line.</summary>
    public static Matrix Table(string relative) => Matrix.FromRows(
        [.. File.ReadLines(Path(relative)).Skip(1).Select(line => line.Split(',').Select(cell =>
            double.Parse(cell, CultureInfo.InvariantCulture)).ToArray())]);

    /// <summary>A two-dimensional little-endian float64 array in C order.</summary>
    public static Matrix Npy(string relative)
    {
        var bytes = File.ReadAllBytes(Path(relative));
        var header = System.Text.Encoding.ASCII.GetString(bytes, 10, BitConverter.ToUInt16(bytes, 8));
        Assert.Contains("'descr': '<f8'", header, StringComparison.Ordinal);
        Assert.Contains("'fortran_order': False", header, StringComparison.Ordinal);
        var open = header.IndexOf('(', StringComparison.Ordinal);
        var shape = header[(open + 1)..header.IndexOf(')', open)].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return new Matrix(shape[0], shape[1], MemoryMarshal.Cast<byte, double>(bytes.AsSpan(10 + header.Length)).ToArray());
    }

    public static Matrix SynD => Npy("synthetic_xanes/syn_s.D.npy");
    public static Matrix SynStart => Npy("synthetic_xanes/syn_s.ST0.npy");
    public static Matrix M1 => Table("jaumot2005/m1.csv");
    public static Matrix FourRuns => Table("jaumot2005/matrix.csv");
    public static Matrix PureSpectra => Table("jaumot2005/spure.csv");

    /// <summary>This table has no header line. Component k of it belongs to row (1, 2, 0, 3)[k] of the spectra.</summary>
    public static Matrix TrueConcentrations => Matrix.FromRows([.. File.ReadLines(Path("jaumot2005/cpure.csv"))
        .Select(line => line.Split(',').Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray())]);

    /// <summary>Equality constraints on the rows of the first run; empty: free.</summary>
    public static IReadOnlyList<double?[]> Equalities => [.. File.ReadLines(Path("jaumot2005/csel.csv"))
        .Select(line => line.Split(',').Select(cell => cell.Length == 0 ? null : (double?)double.Parse(cell, CultureInfo.InvariantCulture)).ToArray())];
}
