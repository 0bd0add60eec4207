namespace Tutti.Reduction.Numerics;

/// <summary>An evenly spread part of data that are too large for an expensive indicator.</summary>
internal static class DataSample
{
    /// <summary>The data themselves up to <paramref name="mostValues"/>; else evenly spread rows and columns, at most <paramref name="mostSide"/> of
    /// the shorter side and what remains of the other.</summary>
    public static Matrix Of(DataMatrix data, int mostValues, int mostSide)
    {
        if (data.Count <= mostValues) return data.ToMatrix();
        var columns = data.Columns <= data.Rows
            ? Math.Min(data.Columns, mostSide)
            : Math.Min(data.Columns, mostValues / Math.Min(data.Rows, mostSide));
        var rows = Math.Min(data.Rows, data.Columns <= data.Rows ? Math.Max(mostSide, mostValues / columns) : mostSide);
        var chosen = rows < data.Rows ? data.SelectRows(Spread(data.Rows, rows)) : data.ToMatrix();
        return columns < data.Columns ? chosen.SelectColumns(Spread(data.Columns, columns)) : chosen;
    }

    private static int[] Spread(int of, int count) =>
        [.. Enumerable.Range(0, count).Select(index => (int)((index + 0.5) * of / count))];
}
