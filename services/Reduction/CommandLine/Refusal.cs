using System.Text.Json;
using System.Text.RegularExpressions;
using Tutti.Reduction.Numerics;
using Tutti.Reduction.Preparation;
using Tutti.Reduction.Reading;

namespace Tutti.Reduction.CommandLine;

/// <summary>Errors of the input, which their owner can mend, in one line each.</summary>
internal static partial class Refusal
{
    /// <summary>Null for what is not the input's fault.</summary>
    public static string? Of(Exception exception) => exception switch
    {
        SeriesFormatException format => $"{format.Code}: {format.Message}",
        NumericsException numerics => $"{numerics.Code}: {numerics.Message}",
        PreparationException step => $"{step.Code}: {step.Message}",
        OutputException output => $"output_not_writable: {output.Message}",
        UsageException usage => $"usage: {usage.Message}",
        JsonException json => $"recipe_damaged: {ClrNames().Replace(json.Message, "")}",
        FileNotFoundException or DirectoryNotFoundException => $"not_found: {exception.Message}",
        UnauthorizedAccessException or IOException => $"file: {exception.Message}",
        _ => null,
    };

    // What the code calls things means nothing to who wrote the recipe.
    [GeneratedRegex(@" to any \.NET member contained in type '[^']*'| to Tutti\.[\w.]*\w|'?Tutti\.[\w.]*\.(?=\w)")]
    private static partial Regex ClrNames();
}

/// <summary>Results that cannot be written where they were asked for.</summary>
internal sealed class OutputException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>Options that do not fit together or mean nothing.</summary>
internal sealed class UsageException(string message) : Exception(message);
