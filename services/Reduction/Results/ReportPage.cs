using System.Globalization;
using SkiaSharp;
using Tutti.Reduction.Plotting;
using Tutti.ServiceDefaults;

namespace Tutti.Reduction.Results;

/// <summary>
/// One page to hand over or pin to the wall: what was reduced and how, the figures of the fit, what to be careful about, and the plots. Drawn by the library
/// that draws the plots; the same result gives the same bytes.
/// </summary>
public static class ReportPage
{
    // A4 in points.
    private const float Width = 595, Height = 842, Margin = 40, Gap = 8;
    private const int MostWarnings = 6;

    /// <summary>Writes the page as PDF.</summary>
    public static void Write(Stream file, ReductionResult result, IReadOnlyList<PlotImage> plots, ResultDescription told)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(plots);
        ArgumentNullException.ThrowIfNull(told);
        using var memory = new MemoryStream();
        using (var document = SKDocument.CreatePdf(memory, new SKDocumentPdfMetadata
        {
            Title = $"Reduction of {told.DataSet}", Creator = $"Tutti {result.ToolVersion}", Producer = "Tutti",
            RasterDpi = 150, EncodingQuality = 101,
        }))
        {
            using var canvas = document.BeginPage(Width, Height);
            using var typeface = PlotTypeface.Open();
            var y = Margin + 14;
            y = Draw(canvas, typeface, $"Reduction of {told.DataSet}", 16, y) + 4;
            y = Draw(canvas, typeface, Where(told), 8.5f, y, SKColors.DimGray) + 6;
            foreach (var line in Facts(result, told)) y = Draw(canvas, typeface, line, 8.5f, y);
            if (result.Warnings.Count > 0)
            {
                y = Draw(canvas, typeface, "To be careful about", 10, y + 6);
                foreach (var warning in result.Warnings.Take(MostWarnings)) y = Draw(canvas, typeface, $"{warning.Message} ({warning.Code})", 8.5f, y, SKColors.Firebrick);
                if (result.Warnings.Count > MostWarnings) y = Draw(canvas, typeface, $"... and {result.Warnings.Count - MostWarnings} more in result.json", 8.5f, y, SKColors.Firebrick);
            }
            DrawPlots(canvas, plots, y + Gap);
            document.EndPage();
            document.Close();
        }
        memory.WriteTo(file);
    }

    private static string Where(ResultDescription told) => string.Join(
        "  ·  ",
        new[] { told.Instrument, told.Technique, told.Sample is { } sample ? $"sample {sample}" : null, told.Licence }
            .Where(text => !string.IsNullOrEmpty(text)));

    private static IEnumerable<string> Facts(ReductionResult result, ResultDescription told)
    {
        static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
        var options = result.Options;
        yield return Text($"{result.Spectra} spectra of {result.Channels} channels; {result.ComponentCount} components, {(result.ComponentsByVerdict ? "by the rank verdict" : "as asked for")}");
        yield return Text($"Lack of fit {result.BestLofPercent:0.####} %{(result.LofPcaPercent is { } least ? Text($" (least possible {least:0.####} %)") : " (weighted)")}, explained variance {result.R2Percent:0.####} %");
        yield return Text($"{result.Iterations} iterations, the best was {result.BestIteration}; stopped because: {result.StopReason.Word()}");
        yield return "Rank: " + result.Rank.Summary;
        yield return Text($"Start {options.Start.Word()}, non-negative {(options.NonNegativeC, options.NonNegativeS) switch
        {
            (true, true) => "concentrations and spectra",
            (true, false) => "concentrations",
            (false, true) => "spectra",
            (false, false) => "nothing",
        }}") + (options.Closure is { } closure ? Text($", closed to {closure.Total}") : "") + (options.Window is { } window ? Text($", {result.Axis} {window.Low} to {window.High}") : "");
        if (told.Recipe is { } recipe) yield return $"Recipe {recipe}";
        yield return $"Input {result.InputHash[..16]}..., Tutti {result.ToolVersion}";
    }

    /// <summary>Draws a text, broken at blanks where it is too long; gives the place of the next line.</summary>
    private static float Draw(SKCanvas canvas, SKTypeface typeface, string text, float size, float y, SKColor? colour = null)
    {
        using var font = new SKFont(typeface, size) { Subpixel = true };
        using var paint = new SKPaint { Color = colour ?? SKColors.Black, IsAntialias = true };
        foreach (var line in Broken(text, font, Width - (2 * Margin)))
        {
            canvas.DrawText(line, Margin, y, SKTextAlign.Left, font, paint);
            y += size * 1.4f;
        }
        return y;
    }

    private static IEnumerable<string> Broken(string text, SKFont font, float width)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            var longer = line.Length == 0 ? word : $"{line} {word}";
            if (line.Length > 0 && font.MeasureText(longer) > width)
            {
                yield return line;
                line = word;
            }
            else line = longer;
            while (line.Length > 1 && font.MeasureText(line) > width)
            {
                var fits = Math.Max(1, (int)font.BreakText(line, width));
                yield return line[..fits];
                line = line[fits..];
            }
        }
        yield return line;
    }

    /// <summary>The plots, two beside each other, as large as the rest of the page allows.</summary>
    private static void DrawPlots(SKCanvas canvas, IReadOnlyList<PlotImage> plots, float top)
    {
        var rows = (plots.Count + 1) / 2;
        if (rows == 0) return;
        var (cellWidth, cellHeight) = ((Width - (2 * Margin) - Gap) / 2, (Height - Margin - top - (Gap * (rows - 1))) / rows);
        for (var index = 0; index < plots.Count; index++)
        {
            using var image = SKImage.FromEncodedData(plots[index].Png);
            var scale = Math.Min(cellWidth / image.Width, cellHeight / image.Height);
            var (left, up) = (Margin + (index % 2 * (cellWidth + Gap)), top + (index / 2 * (cellHeight + Gap)));
            canvas.DrawImage(image, SKRect.Create(left, up, image.Width * scale, image.Height * scale), new SKSamplingOptions(SKFilterMode.Linear));
        }
    }
}
