using System.Globalization;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.CommandLine;

/// <summary>Constraints as words of a command line: <c>nonneg-c,nonneg-s,closure=1,unimodal-c=1.1:0+2,smooth-s=10</c>.</summary>
internal static class ConstraintWords
{
    public const string Help =
        "comma-separated: nonneg (both), nonneg-c, nonneg-s, none; closure[=TOTAL]; unimodal-c[=TOLERANCE], unimodal-s[=TOLERANCE]; "
        + "smooth-c=LAMBDA, smooth-s=LAMBDA; trilinear. After a colon the components it holds for: unimodal-c=1.1:0+2. "
        + "Named signs replace the default (nonneg); all others add to it. Known profiles and kinetics stand in recipes";

    /// <summary>The options with the constraints of the words.</summary>
    public static ReductionOptions Apply(ReductionOptions options, IEnumerable<string> words, UnimodalityMode mode)
    {
        var all = words.SelectMany(word => word.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToArray();
        if (all.Any(word => word is "none" or "nonneg-c" or "nonneg-s")) options = options with { NonNegativeC = false, NonNegativeS = false };
        foreach (var word in all)
        {
            var (rest, components) = Split(word, ':') is var (before, after) && after is not null ? (before, Numbers(after)) : (word, null);
            var (name, value) = Split(rest, '=');
            options = name switch
            {
                "none" => options,
                "nonneg" => options with { NonNegativeC = true, NonNegativeS = true },
                "nonneg-c" => options with { NonNegativeC = true },
                "nonneg-s" => options with { NonNegativeS = true },
                "closure" => options with { Closure = new Closure(value is null ? 1 : Number(value), components) },
                "unimodal-c" => options with { OnC = [.. options.OnC, new Unimodality(value is null ? 1 : Number(value), mode) { Components = components }] },
                "unimodal-s" => options with { OnS = [.. options.OnS, new Unimodality(value is null ? 1 : Number(value), mode) { Components = components }] },
                "smooth-c" => options with { OnC = [.. options.OnC, new Smoothness(Number(value)) { Components = components }] },
                "smooth-s" => options with { OnS = [.. options.OnS, new Smoothness(Number(value)) { Components = components }] },
                "trilinear" => options with { OnC = [.. options.OnC, new Trilinearity { Components = components }] },
                _ => throw new UsageException($"There is no constraint '{name}'."),
            };
        }
        return options;
    }

    public static int[] Numbers(string list) =>
        [.. list.Split(['+', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(part =>
            int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new UsageException($"'{part}' is no whole number."))];

    private static double Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw new UsageException($"'{text}' is no number.");

    private static (string Before, string? After) Split(string text, char at) =>
        text.IndexOf(at, StringComparison.Ordinal) is var index and >= 0 ? (text[..index], text[(index + 1)..]) : (text, null);
}
