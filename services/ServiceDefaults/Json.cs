using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Tutti.ServiceDefaults;

/// <summary>How JSON is read and written: strict about what comes from outside, the same in the database and in messages.</summary>
public static class Json
{
    /// <summary>For requests and answers: unknown members, missing members and nulls where none may be are errors.</summary>
    public static JsonSerializerOptions Strict { get; } = Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web)
    {
        Converters = { new FullLists() },
        NumberHandling = JsonNumberHandling.Strict,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false, MaxDepth = 32,
        RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    });

    /// <summary>For rows and messages: members unknown to an older reader are passed over.</summary>
    public static JsonSerializerOptions Stored { get; } = Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    /// <summary>Applies the strict rules to options that somebody else made.</summary>
    public static void CopyStrictTo(JsonSerializerOptions options)
    {
        options.NumberHandling = Strict.NumberHandling;
        options.UnmappedMemberHandling = Strict.UnmappedMemberHandling;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.AllowDuplicateProperties = false;
        options.MaxDepth = Strict.MaxDepth;
        options.Converters.Add(new FullLists());
        Configure(options);
    }

    /// <summary>
    /// Keeps a read-only list or a record in one text column, the same on every database. A change is a new value in its place: what is
    /// changed inside the old one is not noticed.
    /// </summary>
    public static PropertyBuilder<T> AsJson<T>(this PropertyBuilder<T> property) where T : class =>
        property.HasConversion(
            value => JsonSerializer.Serialize(value, Stored),
            text => Read<T>(text),
            new ValueComparer<T>((a, b) => ReferenceEquals(a, b), value => RuntimeHelpers.GetHashCode(value), value => value));

    /// <summary>The word for a value in JSON, which is the one for people too.</summary>
    public static string Word(this Enum value) => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    /// <summary>What a list that must be full is a list of; null for other types.</summary>
    internal static Type? ElementOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) && type.GetGenericArguments()[0] is { IsValueType: false } element ? element : null;

    private static T Read<T>(string text) => JsonSerializer.Deserialize<T>(text, Stored) ?? throw new JsonException("A JSON column holds null.");

    private static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false));
        options.Converters.Add(new PlainText());
        return options;
    }

    /// <summary>Lists whose entries are all there: a null among them is an error of the sender.</summary>
    private sealed class FullLists : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) => ElementOf(typeToConvert) is not null;

        public override JsonConverter? CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            (JsonConverter?)Activator.CreateInstance(typeof(FullList<>).MakeGenericType(typeToConvert.GetGenericArguments()));
    }

    private sealed class FullList<T> : JsonConverter<IReadOnlyList<T>> where T : class
    {
        public override IReadOnlyList<T>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var list = JsonSerializer.Deserialize<List<T?>>(ref reader, options);
            return list?.Contains(null) == true ? throw new JsonException("A list must not contain null.") : list?.OfType<T>().ToList();
        }

        public override void Write(Utf8JsonWriter writer, IReadOnlyList<T> value, JsonSerializerOptions options) => JsonSerializer.Serialize<IEnumerable<T>>(writer, value, options);
    }

    /// <summary>Text without NUL characters: some databases cannot store them. What could not be read back is not written either.</summary>
    private sealed class PlainText : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetString() is { } text ? Plain(text) : null;

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(Plain(value));

        public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Plain(reader.GetString() ?? throw new JsonException("A member name is missing."));

        public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(Plain(value));

        private static string Plain(string text) =>
            text.Contains('\0', StringComparison.Ordinal) ? throw new JsonException("Text must not contain the character U+0000.") : text;
    }
}
