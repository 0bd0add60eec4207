using System.Text.RegularExpressions;
using Tutti.ServiceDefaults;

namespace Tutti.CellPool;

/// <summary>Limits of what people write, and the checks that several use cases share.</summary>
internal static partial class Limits
{
    public const int Code = 64, Name = 200, Text = 4000, Instruments = 50, Hours = 24 * 30, PageSize = 100;

    public static void NeedCode(this List<Problem> problems, string path, string value)
    {
        if (!CodePattern().IsMatch(value)) problems.Add(new(path, "code.invalid", $"A code has 1 to {Code} small letters, digits and hyphens."));
    }

    public static void NeedText(this List<Problem> problems, string path, string value, int limit)
    {
        if (string.IsNullOrWhiteSpace(value) || value.Length > limit) problems.Add(new(path, "text.length", $"1 to {limit} characters are needed."));
    }

    public static void NeedHours(this List<Problem> problems, string path, int value)
    {
        if (value is < 0 or > Hours) problems.Add(new(path, "hours.range", $"0 to {Hours} hours."));
    }

    public static void NeedInstruments(this List<Problem> problems, string path, IReadOnlyList<string> codes)
    {
        if (codes.Count is < 1 or > Instruments || codes.Distinct().Count() != codes.Count || codes.Any(code => code.Length > Code))
            problems.Add(new(path, "instruments.count", $"1 to {Instruments} different instruments are needed."));
    }

    public static void NeedPage(int page)
    {
        if (page is < 1 or > 10_000) throw RuleViolation.Invalid("request.page", "Pages count from 1 to 10000.", [new("page", "request.page", "Pages count from 1 to 10000.")]);
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,63}\z")]
    private static partial Regex CodePattern();
}
