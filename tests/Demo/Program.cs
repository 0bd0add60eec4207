using Tutti.Demo.Load;
using Tutti.ServiceDefaults;
using Tutti.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Data.Sqlite;

await using var all = await AllInOneProcess.StartAsync(new AllInOneOptions { ReadyWithin = TimeSpan.FromSeconds(60) });
var config = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Tutti:Data"] = all.Data }).Build();
var key = Authorization.ReadSigningKey(config);
var maria = new Person("maria", "g", Roles.Proposer);
var office = new Person("o", "g", Roles.UserOffice);
using (var c = new SqliteConnection($"Data Source={all.Data}/proposals.db"))
{
    c.Open();
    using var q = c.CreateCommand();
    q.CommandText = $"""
    insert into People(Id,Revision,Name,"Group") values('{maria.Id.ToString().ToUpperInvariant()}',1,'maria','g');
    insert into Instruments(Code,Revision,SiteCode,InScheme) values('elettra-xafs',1,'elettra',1),('ki-nmr',1,'ki',1),('bnc-psd',1,'bnc',1);
    """;
    q.ExecuteNonQuery();
}
var http = new HttpClient { BaseAddress = all.Url };
http.DefaultRequestHeaders.Authorization = new("Bearer", office.Token(key, TimeProvider.System));
var now = TimeProvider.System.GetUtcNow();
var r = await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(http, "/api/proposals/calls", new { title = "x", opensAt = now.AddDays(-1), closesAt = now.AddDays(10), panelChairId = office.Id, panelMemberIds = Array.Empty<Guid>(), beamtimeFrom = now.AddDays(30), beamtimeTo = now.AddDays(90) });
var call = System.Text.Json.JsonDocument.Parse(await r.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetGuid();
var load = new SubmissionLoad(all.Url, _ => maria.Token(key, TimeProvider.System), () => all.Process.CpuTime, () => all.Process.ResidentBytes, Console.Out);
Console.WriteLine("warm-up");
await load.RunAsync(8, TimeSpan.FromSeconds(8), call, default);
foreach (var n in new[] { 1, 8, 32 }) await load.RunAsync(n, TimeSpan.FromSeconds(8), call, default);
