using System.Text.Json;
using System.Text.Json.Nodes;
using Tutti.Scheduling.Checking;

namespace Tutti.Planning.Tests;

public sealed class The_own_checker
{
    /// <summary>10000 mutants together, legal and illegal.</summary>
    [Theory]
    [InlineData("S-tight-3", false)]
    [InlineData("M-open-1", false)]
    [InlineData("M-tight-1", true)]
    [InlineData("planted-pack-10x40-1", false)]
    public void Agrees_with_the_independent_judge_on_mutated_plans(string name, bool pinned)
    {
        var (path, script) = (SharedInstances.Instance(name), SharedInstances.Judge());
        const int count = 2_500;
        var instance = JsonNode.Parse(File.ReadAllText(path))?.AsObject() ?? throw new InvalidOperationException("No instance.");
        using var written = new MemoryStream();
        SharedInstances.Planned(name, 0.3).Write(written);
        var plan = JsonNode.Parse(written.ToArray())?["placements"]?.AsArray() ?? throw new InvalidOperationException("No plan.");
        if (pinned) instance["pinned"] = new JsonArray([.. plan.Take(3).Select(one => one?.DeepClone())]);

        using var judge = new IndependentJudge(script);
        judge.Take(instance.ToJsonString());
        var check = new PlanCheck(JsonSerializer.SerializeToElement(instance));
        var mutants = new Mutants(instance, plan, new Random(20_270_104));
        var (legal, illegal) = (0, 0);
        for (var n = 0; n < count; n++)
        {
            var mutant = new JsonObject { ["placements"] = mutants.Next() };
            var theirs = judge.Judge(mutant.ToJsonString());
            var own = check.Judge(JsonSerializer.SerializeToElement(mutant));
            Assert.True(own.IsLegal == theirs.Legal && own.Objective == theirs.Objective, $"{n}: {theirs.Words} but {own.Objective} {string.Join("; ", own.Broken)}: {mutant.ToJsonString()}");
            if (own.IsLegal) legal++;
            else illegal++;
        }
        Assert.True(legal > count / 10 && illegal > count / 4, $"{legal} legal, {illegal} illegal: the mutants are one-sided.");
    }

    /// <summary>Changes of a plan as a careless planner, or a clumsy hand, would make them.</summary>
    private sealed class Mutants(JsonObject instance, JsonArray plan, Random random)
    {
        private readonly JsonArray experiments = instance["experiments"]?.AsArray() ?? [], instruments = instance["instruments"]?.AsArray() ?? [], proposals = instance["proposals"]?.AsArray() ?? [];

        public JsonArray Next()
        {
            var mutant = plan.DeepClone().AsArray();
            for (var edits = random.Next(1, 4); edits > 0; edits--) Edit(mutant);
            return mutant;
        }

        private void Edit(JsonArray mutant)
        {
            if (mutant.Count < 2) return;
            var one = mutant[random.Next(mutant.Count)]?.AsObject() ?? throw new InvalidOperationException("No placement.");
            var blocks = one["blocks"]?.AsArray() ?? [];
            var id = Number(one, "experiment");
            switch (random.Next(12))
            {
                case 0 or 1 or 2:
                    // A whole proposal goes: legal, where nothing is pinned.
                    var own = (proposals[Number(experiments[id], "proposal")]?["experiments"]?.AsArray() ?? []).Select(e => e?.GetValue<int>()).ToHashSet();
                    for (var n = mutant.Count - 1; n >= 0; n--)
                        if (own.Contains(Number(mutant[n], "experiment"))) mutant.RemoveAt(n);
                    break;
                case 3:
                    mutant.Remove(one);
                    break;
                case 4:
                    mutant.Add(one.DeepClone());
                    break;
                case 5:
                    var by = random.Next(-30, 31);
                    foreach (var block in blocks) (block?.AsArray())?.ReplaceWithShifted(by);
                    break;
                case 6:
                    var eligible = experiments[id]?["instruments"]?.AsArray() ?? [];
                    one["instrument"] = random.Next(2) == 0 ? random.Next(instruments.Count) : Number(eligible[random.Next(eligible.Count)]);
                    break;
                case 7:
                    if (blocks[0] is JsonArray first) first[1] = Number(first[1]) + random.Next(-3, 4);
                    break;
                case 8:
                    if (blocks[0] is JsonArray whole && Number(whole[1]) - Number(whole[0]) is > 1 and var length)
                    {
                        var cut = Number(whole[0]) + random.Next(1, length);
                        blocks.Insert(1, new JsonArray(cut, Number(whole[1])));
                        whole[1] = cut;
                    }
                    break;
                case 9:
                    if (blocks.Count > 1)
                    {
                        var last = blocks[^1];
                        blocks.RemoveAt(blocks.Count - 1);
                        blocks.Insert(0, last?.DeepClone());
                    }
                    break;
                default:
                    Move(one, id);
                    break;
            }
        }

        /// <summary>To one block somewhere in an open interval of an eligible instrument, as it may well be legal.</summary>
        private void Move(JsonObject one, int id)
        {
            var eligible = experiments[id]?["instruments"]?.AsArray() ?? [];
            var instrument = Number(eligible[random.Next(eligible.Count)]);
            var open = instruments[instrument]?["open"]?.AsArray() ?? [];
            if (open.Count == 0) return;
            var interval = open[random.Next(open.Count)]?.AsArray() ?? [];
            var (from, to, shifts) = (Number(interval[0]), Number(interval[1]), Number(experiments[id], "shifts"));
            var start = random.Next(from, Math.Max(from + 1, to - shifts + 1));
            one["instrument"] = instrument;
            one["blocks"] = new JsonArray(new JsonArray(start, start + shifts));
        }

        private static int Number(JsonNode? node, string name) => Number(node?[name]);

        private static int Number(JsonNode? node) => node?.GetValue<int>() ?? throw new InvalidOperationException("No number.");
    }

    [Fact]
    public void Says_what_is_wrong_with_a_document_that_it_cannot_read()
    {
        Assert.Equal("instance_unreadable", Assert.Throws<UnreadableException>(() => PlanCheck.Read(new MemoryStream("{"u8.ToArray()))).Code);
        Assert.Equal("instance_unreadable", Assert.Throws<UnreadableException>(() => PlanCheck.Read(new MemoryStream("{}"u8.ToArray()))).Code);
    }
}

internal static class Blocks
{
    public static void ReplaceWithShifted(this JsonArray block, int by)
    {
        for (var n = 0; n < block.Count; n++) block[n] = (block[n]?.GetValue<int>() ?? 0) + by;
    }
}
