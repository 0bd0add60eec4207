using System.Buffers.Binary;
using System.Security.Cryptography;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.Preparation;

/// <summary>SHA-256 over shape, axis and values as little-endian float64: equal data have an equal hash whatever file they came from.</summary>
public static class SeriesHash
{
    private const int RowsBetweenLooks = 64;

    public static string Of(SpectralSeries series, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(series);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[8 * Math.Max(2, series.Data.Columns)];
        Append([series.Data.Rows, series.Data.Columns]);
        Append([.. series.Axis.Values]);
        var spectrum = new double[series.Data.Columns];
        for (var row = 0; row < series.Data.Rows; row++)
        {
            if (row % RowsBetweenLooks == 0) cancellation.ThrowIfCancellationRequested();
            series.Data.CopyRows(row, 1, spectrum);
            Append(spectrum);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Append(ReadOnlySpan<double> values)
        {
            for (var index = 0; index < values.Length; index++) BinaryPrimitives.WriteDoubleLittleEndian(buffer.AsSpan(8 * index), values[index]);
            hash.AppendData(buffer, 0, 8 * values.Length);
        }
    }
}
