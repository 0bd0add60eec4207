using Tutti.ServiceDefaults;

namespace Tutti.Review;

/// <summary>Limits of what people write here, and how a breach is told.</summary>
internal static class Limits
{
    public const int Question = 10_000, Text = 20_000, Comment = 5000, Short = 200, Code = 64, Techniques = 20, Proposals = 2000;

    /// <summary>Text of 1 up to a number of characters.</summary>
    public static void NeedText(this List<Problem> problems, string path, string? value, int limit)
    {
        if (string.IsNullOrWhiteSpace(value) || value.Length > limit) problems.Add(new(path, "text.length", $"1 to {limit} characters are needed."));
    }

    /// <summary>Text of at most a number of characters.</summary>
    public static void AtMost(this List<Problem> problems, string path, string? value, int limit)
    {
        if (value?.Length > limit) problems.Add(new(path, "text.length", $"At most {limit} characters; there are {value.Length}."));
    }

    /// <summary>Codes of techniques: few, short, of small letters, digits and hyphens.</summary>
    public static void TechniqueCodes(this List<Problem> problems, string path, IReadOnlyList<string> codes)
    {
        if (codes.Count > Techniques) problems.Add(new(path, "list.too-long", $"At most {Techniques} entries; there are {codes.Count}."));
        foreach (var (index, code) in codes.Index()) problems.TechniqueCode($"{path}[{index}]", code);
    }

    /// <summary>One code of a technique.</summary>
    public static void TechniqueCode(this List<Problem> problems, string path, string code)
    {
        if (code.Length is < 1 or > Code || !code.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-'))
            problems.Add(new(path, "technique.code", $"The code of a technique has 1 to {Code} small letters, digits and hyphens."));
    }
}
