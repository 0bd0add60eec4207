using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace Tutti.Reduction.Reading;

/// <summary>Bytes as text: UTF-8, else Latin-1, as instruments write it. Codes: <c>binary_content</c>, <c>not_a_number</c>,
/// <c>not_finite</c>.</summary>
internal static class TextContent
{
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

    /// <summary>The bytes as a stream, without copying where they lie in an array.</summary>
    public static MemoryStream Stream(ReadOnlyMemory<byte> bytes) => MemoryMarshal.TryGetArray(bytes, out var array) && array.Array is { } held
        ? new MemoryStream(held, array.Offset, array.Count, writable: false)
        : new MemoryStream(bytes.ToArray(), writable: false);

    private static Encoding Choose(NamedContent file) => WhyNotText(file.Bytes.Span) is { } reason
        ? throw new SeriesFormatException("binary_content", $"{file.Name}: {reason}.")
        : Utf8.IsValid(WithoutMark(file.Bytes.Span)) ? Encoding.UTF8 : Encoding.Latin1;

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> bytes) => bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;

    /// <summary>A finite number, or an error that names the place.</summary>
    public static double Number(ReadOnlySpan<char> text, string file, long line, int column, bool decimalComma = false)
    {
        var value = TryNumber(text, decimalComma);
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
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    private static string Shown(ReadOnlySpan<char> text) => text.Length <= 40 ? text.ToString() : $"{text[..40]}...";
}
