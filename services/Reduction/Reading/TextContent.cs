using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace Tutti.Reduction.Reading;

/// <summary>Bytes as text: UTF-8, else Latin-1, as instruments write it. Codes: <c>binary_content</c>, <c>not_a_number</c>,
/// <c>not_finite</c>, <c>line_too_long</c>. Warning: <c>text_end_open</c>.</summary>
internal static class TextContent
{
    private const int HeadBytes = 1 << 16;
    private const int LongestLine = 1 << 25;

    /// <summary>Null where the content is text, else why it is not.</summary>
    public static string? WhyNotText(ReadOnlySpan<byte> bytes)
    {
        bytes = WithoutMark(bytes);
        if (bytes.StartsWith<byte>([0xFF, 0xFE]) || bytes.StartsWith<byte>([0xFE, 0xFF])) return "UTF-16 text, where UTF-8 is expected";
        var at = bytes[..Math.Min(bytes.Length, 4096)].IndexOfAnyInRange<byte>(0, 8);
        return at < 0 ? null : $"binary content (byte {at.ToString(CultureInfo.InvariantCulture)} is no text)";
    }

    public static string Decode(NamedContent file) => Choose(file).GetString(WithoutMark(file.Bytes.Span));

    /// <summary>The text piece by piece, for files too large to hold twice.</summary>
    public static TextReader Reader(NamedContent file)
    {
        var mark = file.Bytes.Length - WithoutMark(file.Bytes.Span).Length;
        return new StreamReader(Stream(file.Bytes[mark..]), Choose(file), detectEncodingFromByteOrderMarks: false);
    }

    /// <summary>The lines of the file's beginning, without a last one that may be cut.</summary>
    public static string[] Head(NamedContent file)
    {
        if (WhyNotText(file.Bytes.Span) is not null) return [];
        var whole = file.Bytes.Length <= HeadBytes;
        var text = Decode(whole ? file : file with { Bytes = file.Bytes[..HeadBytes] });
        var lines = text.Split(text.Contains('\n') ? '\n' : '\r');
        return [.. (whole ? lines : lines[..^1]).Select(line => line.TrimEnd('\r'))];
    }

    /// <summary>All lines with their numbers from 1, one after another, so that a large file is never held as text as a whole.</summary>
    public static IEnumerable<(int Number, string Text)> Lines(NamedContent file)
    {
        var encoding = Choose(file);
        var bytes = file.Bytes[(file.Bytes.Length - WithoutMark(file.Bytes.Span).Length)..];
        var end = bytes.Span.Contains((byte)'\n') ? (byte)'\n' : (byte)'\r';
        var number = 0;
        for (var at = 0; at < bytes.Length;)
        {
            var length = bytes.Span[at..].IndexOf(end);
            if (length < 0) length = bytes.Length - at;
            number++;
            if (length > LongestLine) throw new SeriesFormatException("line_too_long", SeriesReading.Text(
                $"{file.Name}, line {number} is {length} bytes long."));
            var line = encoding.GetString(bytes.Span.Slice(at, length)).TrimEnd('\r');
            at += length + 1;
            yield return (number, line);
        }
    }

    /// <summary>Says where a file of lines does not end with the end of a line: it may have been cut, and its last number with it.</summary>
    public static void WarnOfOpenEnd(NamedContent file, List<ReadingWarning> warnings)
    {
        if (file.Bytes.Length > 0 && file.Bytes.Span[^1] is not ((byte)'\n' or (byte)'\r'))
            warnings.Add(new ReadingWarning("text_end_open", $"{file.Name} does not end with the end of a line: it may have been cut."));
    }

    /// <summary>A quantity and its unit, as "Energy (eV)", "energy/eV" and "energy [eV]" name them.</summary>
    public static (string Name, string? Unit) NameAndUnit(string cell)
    {
        var text = cell.Trim();
        var at = text.IndexOfAny(['(', '[', '/']);
        if (at <= 0) return (text.Length == 0 ? "axis" : text, null);
        var unit = text[(at + 1)..].TrimEnd(')', ']').Trim();
        return (text[..at].Trim(), unit.Length == 0 ? null : unit);
    }

    /// <summary>The time in the text as instruments write it (2022-07-26 23:01:58.055, 07/28/2022 13:31:45), or null; month before day.</summary>
    public static DateTime? TryTime(string text) =>
        text.Contains(':') && DateTime.TryParse(text.Trim(), CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces, out var time)
            ? DateTime.SpecifyKind(time, DateTimeKind.Unspecified)
            : null;

    /// <summary>The bytes as a stream, without copying where they lie in an array.</summary>
    public static MemoryStream Stream(ReadOnlyMemory<byte> bytes) => MemoryMarshal.TryGetArray(bytes, out var array) && array.Array is { } held
        ? new MemoryStream(held, array.Offset, array.Count, writable: false)
        : new MemoryStream(bytes.ToArray(), writable: false);

    private static Encoding Choose(NamedContent file) => WhyNotText(file.Bytes.Span) is { } reason
        ? throw new SeriesFormatException("binary_content", $"{file.Name}: {reason}.")
        : Utf8.IsValid(WithoutMark(file.Bytes.Span)) ? Encoding.UTF8 : Encoding.Latin1;

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> bytes) => bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;

    /// <summary>A finite number, or an error that names the place; where values may be <paramref name="missing"/>, the mark of one.</summary>
    public static double Number(ReadOnlySpan<char> text, string file, long line, int column, bool decimalComma = false, bool missing = false)
    {
        var value = TryNumber(text, decimalComma);
        if (missing && (value is null ? text.IsWhiteSpace() : double.IsNaN(value.Value))) return NotMeasured.Mark;
        if (value is null)
            throw new SeriesFormatException("not_a_number", SeriesReading.Text(
                $"{file}, line {line}, column {column}: '{Shown(text)}' is not a number."));
        return double.IsFinite(value.Value)
            ? value.Value
            : throw new SeriesFormatException("not_finite", SeriesReading.Text(
                $"{file}, line {line}, column {column}: {Shown(text)} is not a finite number."));
    }

    /// <summary>The number in the text (possibly NaN or infinite), or null.</summary>
    public static double? TryNumber(ReadOnlySpan<char> text, bool decimalComma = false)
    {
        text = text.Trim();
        if (decimalComma && text.Contains(','))
        {
            if (text.Contains('.') || text.Count(',') > 1) return null;
            text = text.ToString().Replace(',', '.');
        }
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)) return value;
        // C and Python write infinity short.
        return text.TrimStart("+-").Equals("inf", StringComparison.OrdinalIgnoreCase)
            ? text.StartsWith('-') ? double.NegativeInfinity : double.PositiveInfinity
            : null;
    }

    private static string Shown(ReadOnlySpan<char> text) => text.Length <= 40 ? text.ToString() : $"{text[..40]}...";
}
