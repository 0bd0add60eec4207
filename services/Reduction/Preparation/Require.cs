using System.Globalization;
using Tutti.Reduction.Numerics;

namespace Tutti.Reduction.Preparation;

/// <summary>Refusals of steps, each with a stable code.</summary>
internal static class Require
{
    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    public static void That(bool holds, string code, FormattableString otherwise)
    {
        if (!holds) throw Refusal(code, otherwise);
    }

    /// <summary>To be thrown where the text is made for each of very many values only if it is needed.</summary>
    public static NumericsException Refusal(string code, FormattableString reason) => new(code, Text(reason));

    public static void Parameter(bool holds, FormattableString otherwise) => That(holds, "step_parameter", otherwise);

    public static void Window(double? low, double? high) => Parameter(low is null || high is null || low < high,
        $"A window begins below its end; {low} to {high} does not.");

    /// <summary>A recorded value for each spectrum fits the series that it is replayed on.</summary>
    public static void OnePerSpectrum<TValue>(IReadOnlyList<TValue> values, Working work, string what) =>
        That(values.Count == work.Series.Data.Rows, "pinned_count",
            $"{values.Count} values of {what} were given for {work.Series.Data.Rows} spectra.");
}
