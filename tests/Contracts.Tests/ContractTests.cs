using System.Text.Json;
using System.Text.Json.Nodes;
using MassTransit;
using MassTransit.Serialization;
using Tutti.ServiceDefaults;

namespace Tutti.Contracts.Tests;

public sealed class A_contract
{
    public static TheoryData<Type> All => [.. ContractList.All];

    [Theory, MemberData(nameof(All))]
    public void Is_named_after_its_service(Type contract) => Assert.Empty(ContractRules.Named(contract));

    [Theory, MemberData(nameof(All))]
    public void Has_a_key_among_its_members(Type contract) => Assert.Empty(ContractRules.Keyed(contract));

    [Theory, MemberData(nameof(All))]
    public void Is_a_sealed_record_of_plain_types(Type contract) => Assert.Empty(ContractRules.Plain(contract));

    [Theory, MemberData(nameof(All))]
    public void Reads_and_writes_what_was_once_said(Type contract)
    {
        var sample = Sample(contract);
        var read = JsonSerializer.Deserialize(sample, contract, Json.Strict);
        var written = JsonSerializer.SerializeToNode(read, contract, Json.Stored);
        Assert.True(Golden.Holds(JsonNode.Parse(sample), written), $"{written}");
        Assert.Equal($"{written}", $"{JsonSerializer.SerializeToNode(JsonSerializer.Deserialize(sample, contract, Json.Stored), contract, Json.Stored)}");
    }

    [Theory, MemberData(nameof(All))]
    public void Passes_over_a_member_that_a_later_version_has(Type contract)
    {
        var sample = JsonNode.Parse(Sample(contract))?.AsObject() ?? [];
        var before = JsonSerializer.Serialize(sample.Deserialize(contract, Json.Stored), contract, Json.Stored);
        sample["fromTheFuture"] = new JsonObject { ["a"] = 1 };
        Assert.Equal(before, JsonSerializer.Serialize(sample.Deserialize(contract, Json.Stored), contract, Json.Stored));
        Assert.Throws<JsonException>(() => sample.Deserialize(contract, Json.Strict));
    }

    [Theory, MemberData(nameof(All))]
    public void Means_the_same_in_the_outbox_and_on_the_broker(Type contract)
    {
        var sample = Sample(contract);
        var said = JsonSerializer.Deserialize(sample, contract, Json.Stored);
        var wire = JsonSerializer.Serialize(said, contract, SystemTextJsonMessageSerializer.Options);
        var heard = JsonSerializer.Deserialize(wire, contract, SystemTextJsonMessageSerializer.Options);
        var replayed = JsonSerializer.Deserialize(wire, contract, Json.Stored);
        var expected = JsonSerializer.Serialize(said, contract, Json.Stored);
        Assert.Equal(expected, JsonSerializer.Serialize(heard, contract, Json.Stored));
        Assert.Equal(expected, JsonSerializer.Serialize(replayed, contract, Json.Stored));
    }

    private static string Sample(Type contract) => Golden.Sample(contract)
        ?? throw new FileNotFoundException($"tests/Contracts.Tests/Golden holds no sample of {ContractRules.NameOf(contract)}: write it with TUTTI_WRITE_GOLDEN=1.");
}

public sealed class The_contracts
{
    [Fact]
    public void Are_all_in_the_list() => Assert.Empty(ContractRules.Complete(ContractList.All, typeof(ContractList).Assembly.GetTypes()));

    [Fact]
    public void Have_names_of_their_own() => Assert.Empty(ContractRules.Unique(ContractList.All));

    [Fact]
    public void Keep_name_and_type_and_urn_for_ever()
    {
        var file = Path.Combine(Golden.Folder, "names.txt");
        string[] now = [.. ContractList.All.Select(type => $"{ContractRules.NameOf(type)} {type.FullName} {MessageUrn.ForTypeString(type)}").Order(StringComparer.Ordinal)];
        string[] before = File.Exists(file) ? File.ReadAllLines(file) : [];
        Assert.Empty(before.Except(now));
        if (Golden.Writes) Golden.Write(file, string.Join('\n', now) + "\n");
        Assert.Equal(now, File.ReadAllLines(file));
    }

    [Fact]
    public void Have_no_sample_left_of_a_contract_that_is_gone() =>
        Assert.Empty(Directory.GetFiles(Golden.Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Except(ContractList.All.Select(ContractRules.NameOf)));

    [Fact]
    public void Stand_on_nothing() => Assert.Empty(ContractRules.Free(
        File.ReadAllText(Path.Combine(Golden.Root, "contracts", "Tutti.Contracts.csproj")),
        typeof(ContractList).Assembly.GetReferencedAssemblies().Select(assembly => assembly.Name ?? "")));
}
