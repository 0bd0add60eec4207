using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tutti.Reduction.Numerics;

/// <summary>A matrix in JSON is the list of its rows: <c>[[1, 2], [3, 4]]</c>. What is none ends in a <see cref="JsonException"/>.</summary>
public sealed class MatrixJson : JsonConverter<Matrix>
{
    public override Matrix Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        List<double> values = [];
        var (rows, columns) = (0, 0);
        if (reader.TokenType != JsonTokenType.StartArray) throw Wrong("is a list of rows");
        while (reader.Read() && reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.Number) values.Add(reader.GetDouble());
            if (reader.TokenType != JsonTokenType.EndArray) throw Wrong("holds numbers only");
            if (++rows == 1) columns = values.Count;
            if (columns == 0 || values.Count != (long)rows * columns) throw Wrong(string.Create(CultureInfo.InvariantCulture, $"has rows of one length, and row {rows - 1} has another"));
        }
        if (reader.TokenType != JsonTokenType.EndArray || rows == 0) throw Wrong("is a list of rows");
        if (values.Exists(value => !double.IsFinite(value))) throw Wrong("holds finite numbers only");
        return new Matrix(rows, columns, [.. values]);
    }

    public override void Write(Utf8JsonWriter writer, Matrix value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStartArray();
        for (var row = 0; row < value.Rows; row++)
        {
            writer.WriteStartArray();
            foreach (var number in value.Row(row)) writer.WriteNumberValue(number);
            writer.WriteEndArray();
        }
        writer.WriteEndArray();
    }

    private static JsonException Wrong(string why) => new($"A matrix {why}.");
}
