using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.EntityFrameworkCore;
using Tutti.Contracts.Catalogue;
using Tutti.Contracts.Proposals;
using Tutti.Review.Judging;
using Tutti.Review.Knowing;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;
using Tutti.Testing;
using static Tutti.Review.Tests.ReviewHost;

namespace Tutti.Review.Tests;

public sealed class What_is_heard_in_any_order
{
    private static readonly Guid First = Guid.CreateVersion7(), Second = Guid.CreateVersion7(), Third = Guid.CreateVersion7(), Ada = Guid.CreateVersion7(), Ben = Guid.CreateVersion7();

    private static readonly Action<Proposal>[] Told =
    [
        proposal => proposal.Learn(1, DateTimeOffset.UnixEpoch, "one", Text("graz", First, Second), new HashSet<Guid> { Ada }),
        proposal => proposal.Learn(2, DateTimeOffset.UnixEpoch.AddDays(1), "two", Text("delft", Second, Third), new HashSet<Guid> { Ada, Ben }),
        proposal => proposal.Learn(3, DateTimeOffset.UnixEpoch.AddDays(2), "three", Text("delft", Third), new HashSet<Guid> { Ben }),
        proposal => proposal.Ask(1, true),
        proposal => proposal.Ask(2, false),
        proposal => proposal.Ask(3, true),
        proposal => proposal.Withdraw(),
    ];

    private static readonly Action<KnownCall>[] ToldOfCall =
    [
        call => call.Learn(1, "one", DateTimeOffset.UnixEpoch, Ada, [Ben]),
        call => call.Learn(2, "two", DateTimeOffset.UnixEpoch.AddDays(1), Ben, [First]),
        call => call.Close(DateTimeOffset.UnixEpoch.AddDays(2)),
    ];

    private static readonly Action<KnownInstrument>[] ToldOfInstrument = [known => known.Learn(1, "elettra"), known => known.Learn(3, "bnc"), known => known.Retire()];

    [Fact]
    public void Makes_the_same_tasks_of_a_proposal() => Same(Told, () => Proposal.Known(Guid.Empty, Guid.Empty), proposal => new
    {
        proposal.Submission, proposal.Asked, proposal.BoardRequired, proposal.Withdrawn, proposal.Title, proposal.Text, proposal.SubmittedAt, proposal.IsJudged,
        Team = proposal.Team.Select(seat => (seat.PersonId, seat.GroupKey).ToString()).Order(), Advisors = proposal.Advisors.Select(advisor => advisor.PersonId).Order(),
        Tasks = proposal.Tasks.Where(task => task.Submission == proposal.Submission && task.Submission == proposal.Asked).Select(task => (task.ExperimentId, task.InstrumentCode, task.Verdict).ToString()).Order(),
    });

    [Fact]
    public void Makes_the_same_panel_of_a_call() => Same(ToldOfCall, () => new KnownCall { Id = Guid.Empty }, call => new
    {
        call.Revision, call.Title, call.ClosesAt, call.Closed, call.PanelChairId, Panel = call.Panel.Select(seat => seat.PersonId).Order(),
    });

    [Fact]
    public void Puts_an_instrument_at_the_same_site() => Same(ToldOfInstrument, () => new KnownInstrument { Code = "x" }, known => new { known.Revision, known.SiteCode, known.Retired });

    /// <summary>Any part of what is told, in any order, some of it twice, ends as the same part told once in its own order.</summary>
    private static void Same<T>(Action<T>[] told, Func<T> make, Func<T, object> digest)
    {
        var cases =
            from part in Gen.SubListOf(Enumerable.Range(0, told.Length))
            from twice in Gen.SubListOf(part.AsEnumerable())
            from order in Gen.Shuffle(part.Concat(twice).ToArray())
            select (Once: part.Order().ToArray(), Shuffled: order);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000), Prop.ForAll(cases.ToArbitrary(), one => End(one.Once) == End(one.Shuffled)));

        string End(IEnumerable<int> order)
        {
            var learner = make();
            foreach (var step in order) told[step](learner);
            return JsonSerializer.Serialize(digest(learner), Json.Stored);
        }
    }

    private static SubmittedText Text(string group, params Guid[] experiments) => SubmittedText.Empty with
    {
        Team = [new TeamMember { PersonId = Ada, Name = "Ada", Group = group, PrincipalInvestigator = true }],
        Experiments = [.. experiments.Select(id => new ExperimentRequest { ExperimentId = id, Title = "", InstrumentCode = $"at-{id}", Shifts = 1, Mode = "ex-situ", Required = true, After = [] })],
    };
}

public sealed class Events_that_come_twice_and_in_any_order(ReviewHost host) : IClassFixture<ReviewHost>
{
    [Fact]
    public async Task End_in_the_same_tasks_and_the_same_readiness()
    {
        var expected = await EndAsync(one => one.Events, again: one => one.Events);
        Assert.Equal("elettra-xafs:technical:2 moved:technical:2 -:board:2 | open False, then ready True; withdrawn: none", expected);
        var shuffles = Gen.Shuffle(Enumerable.Range(0, 13).Concat(Enumerable.Range(0, 13)).ToArray());
        foreach (var order in (int[][])[[.. Enumerable.Range(0, 13).Reverse()], .. shuffles.Sample(10), .. shuffles.Sample(2)])
            Assert.True(expected == await EndAsync(one => order.Select(place => one.Events[place]), one => order.Reverse().Select(place => one.Events[place])), $"order: {string.Join(' ', order)}");
    }

    [Fact]
    public async Task End_the_same_when_all_of_them_come_at_once()
    {
        for (var round = 0; round < 4; round++)
        {
            var one = new Story(host);
            var ids = Enumerable.Range(0, 2 * one.Events.Count).Select(_ => Guid.CreateVersion7()).ToList();
            await Task.WhenAll(one.Events.Concat(one.Events).Zip(ids, host.PublishAsync));
            await host.UntilAsync(async db => await db.Set<InboxMessage>().CountAsync(row => ids.Contains(row.MessageId)) == ids.Count, "all events are heard");
            Assert.Equal("elettra-xafs:technical:2 moved:technical:2 -:board:2 | open False, then ready True; withdrawn: none", await one.EndAsync());
        }
    }

    [Fact]
    public async Task Are_told_apart_from_the_same_message_delivered_again()
    {
        var one = new Story(host);
        var ids = one.Events.Select(_ => Guid.CreateVersion7()).ToList();
        for (var round = 0; round < 2; round++)
            foreach (var (said, id) in one.Events.Zip(ids)) await host.HearAsync(said, id);
        Assert.Equal("elettra-xafs:technical:2 moved:technical:2 -:board:2 | open False, then ready True; withdrawn: none", await one.EndAsync());
    }

    private async Task<string> EndAsync(Func<Story, IEnumerable<object>> order, Func<Story, IEnumerable<object>> again)
    {
        var one = new Story(host);
        foreach (var said in order(one)) await host.HearAsync(said);
        var end = await one.EndAsync();
        foreach (var said in again(one)) await host.HearAsync(said);
        Assert.True(Assert.Single(await host.PanelListAsync(Member, one.Call)).Ready);
        return end;
    }

    /// <summary>All that Review hears of one call with two proposals, one of them revised, the other withdrawn.</summary>
    private sealed class Story
    {
        private readonly ReviewHost host;
        private readonly Guid kept = Guid.CreateVersion7(), withdrawn = Guid.CreateVersion7();
        private readonly string moved;

        public Story(ReviewHost host)
        {
            this.host = host;
            moved = $"moved-{Call:N}";
            var first = host.Submission(Call, kept);
            first = first with { Experiments = [first.Experiments[0], Experiment(moved, 3)] };
            var gone = host.Submission(Call, withdrawn);
            Events =
            [
                Instrument(moved, "elettra"), Instrument(moved, "bnc", 2), new InstrumentRetired { InstrumentCode = moved, Revision = 3 },
                host.Call(Call, 1, Outsider), host.Call(Call, 2), host.Closed(Call),
                first, Question(Call, kept), Revision(first), Question(Call, kept, 2),
                gone, Question(Call, withdrawn), Withdrawal(Call, withdrawn),
            ];
        }

        public Guid Call { get; } = Guid.CreateVersion7();

        public IReadOnlyList<object> Events { get; }

        /// <summary>The tasks that each judge sees; whether the panel can grade before and after they have judged.</summary>
        public async Task<string> EndAsync()
        {
            List<string> tasks = [];
            var before = Assert.Single(await host.PanelListAsync(Member, Call)).Ready;
            foreach (var judge in (Person[])[Staff, NeutronStaff, Board])
            {
                var task = Assert.Single(await host.TasksAsync(judge, kept));
                tasks.Add($"{(task.InstrumentCode ?? "-").Replace(moved, "moved", StringComparison.Ordinal)}:{(task.Kind == ListTasks.Kind.Board ? "board" : "technical")}:{task.Submission}");
                (await host.JudgeAsync(judge, task.Id, Verdict.Feasible)).EnsureSuccessStatusCode();
            }
            var after = Assert.Single(await host.PanelListAsync(Member, Call)).Ready;
            var gone = (await host.TasksAsync(Staff, withdrawn)).Concat(await host.TasksAsync(Board, withdrawn)).ToList();
            return $"{string.Join(' ', tasks)} | open {before}, then ready {after}; withdrawn: {(gone.Count == 0 ? "none" : "some")}";
        }
    }
}
