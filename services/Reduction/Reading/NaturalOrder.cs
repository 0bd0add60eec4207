namespace Tutti.Reduction.Reading;

/// <summary>Orders names as people do: runs of digits by their number, so that scan_9 comes before scan_10.</summary>
internal sealed class NaturalOrder : IComparer<string>
{
    public static NaturalOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var a = x.AsSpan();
        var b = y.AsSpan();
        while (!a.IsEmpty && !b.IsEmpty)
        {
            var (first, second) = (Digits(a), Digits(b));
            var order = first > 0 && second > 0
                ? CompareNumbers(a[..first].TrimStart('0'), b[..second].TrimStart('0'))
                : char.ToLowerInvariant(a[0]).CompareTo(char.ToLowerInvariant(b[0]));
            if (order != 0) return order;
            a = a[(first > 0 && second > 0 ? first : 1)..];
            b = b[(first > 0 && second > 0 ? second : 1)..];
        }
        return a.Length != b.Length ? a.Length.CompareTo(b.Length) : string.CompareOrdinal(x, y);
    }

    private static int CompareNumbers(ReadOnlySpan<char> a, ReadOnlySpan<char> b) =>
        a.Length != b.Length ? a.Length.CompareTo(b.Length) : a.SequenceCompareTo(b);

    private static int Digits(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExceptInRange('0', '9');
        return end < 0 ? text.Length : end;
    }
}
