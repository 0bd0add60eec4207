using System.Text.Json.Nodes;
using Tutti.Contracts.Tests.Samples;

namespace Tutti.Contracts.Tests;

public sealed class A_rule_of_contracts
{
    [Fact]
    public void Lets_a_good_one_pass()
    {
        var good = typeof(Good);
        string[] wrong = [.. ContractRules.Complete([good], [good]), .. ContractRules.Unique([good]), .. ContractRules.Named(good), .. ContractRules.Keyed(good), .. ContractRules.Plain(good)];
        Assert.Empty(wrong);
    }

    [Fact]
    public void Sees_an_incomplete_list() =>
        Assert.Equal(["Stray is not in the list", "Unmarked has no name", "Good is listed twice"], ContractRules.Complete([typeof(Good), typeof(Unmarked), typeof(Good)], [typeof(Good), typeof(Stray)]));

    [Fact]
    public void Sees_a_name_used_twice() => Assert.Equal(["samples.good is Good and SameNameAndNoKey"], ContractRules.Unique([typeof(Good), typeof(SameNameAndNoKey)]));

    [Fact]
    public void Sees_a_bad_name()
    {
        Assert.Equal(["Samples.NotKebab is not kebab-case", "Samples.NotKebab does not start with samples."], ContractRules.Named(typeof(NotKebab)));
        Assert.Equal(["elsewhere.stray does not start with samples."], ContractRules.Named(typeof(Stray)));
    }

    [Fact]
    public void Sees_a_bad_key()
    {
        Assert.Equal(["SameNameAndNoKey has no Name"], ContractRules.Keyed(typeof(SameNameAndNoKey)));
        Assert.Equal(["NotKebab.Number identifies nothing"], ContractRules.Keyed(typeof(NotKebab)));
        Assert.Equal(["Stray.Id may be null"], ContractRules.Keyed(typeof(Stray)));
    }

    [Fact]
    public void Sees_what_is_no_sealed_record()
    {
        Assert.Equal(["Open is not sealed"], ContractRules.Plain(typeof(Open)));
        Assert.Equal(["NoRecord is no record"], ContractRules.Plain(typeof(NoRecord)));
    }

    [Fact]
    public void Sees_bad_members() => Assert.Equal(
        [
            "BadMembers.Id is not init", "BadMembers.Forgotten is neither required nor nullable", "BadMembers.Money is a Decimal", "BadMembers.Day is a DayOfWeek",
            "BadMembers.Table is a Dictionary`2", "BadMembers.Array is a Guid[]", "BadMembers.Things is a Object", "BadPart.Length is a TimeSpan",
        ],
        ContractRules.Plain(typeof(BadMembers)));

    [Fact]
    public void Sees_a_reference() => Assert.Equal(
        ["a PackageReference", "a ProjectReference", "the assembly Newtonsoft.Json"],
        ContractRules.Free("""<PackageReference Include="X" /><ProjectReference Include="Y" />""", ["System.Runtime", "Newtonsoft.Json"]));

    [Theory]
    [InlineData("""{"a":1}""", """{"a":2}""")]
    [InlineData("""{"a":1}""", """{}""")]
    [InlineData("""{"a":1}""", """{"a":1,"b":0}""")]
    [InlineData("""{"a":[1]}""", """{"a":[1,2]}""")]
    [InlineData("""{"a":{"b":1}}""", """{"a":{"b":"1"}}""")]
    public void Sees_a_sample_that_comes_back_changed(string before, string after) => Assert.False(Golden.Holds(JsonNode.Parse(before), JsonNode.Parse(after)));

    [Fact]
    public void Lets_a_later_member_be_null() => Assert.True(Golden.Holds(JsonNode.Parse("""{"a":[{"b":1}]}"""), JsonNode.Parse("""{"a":[{"b":1,"c":null}]}""")));

    [Fact]
    public void Sees_a_missing_sample()
    {
        if (!Golden.Writes) Assert.Null(Golden.Sample(typeof(Stray)));
    }
}
