using Tutti.Identity.Demo;

namespace Tutti.AllInOne;

/// <summary>Says on the console where everything is and who can sign in.</summary>
public sealed class Welcome
{
    /// <summary>Prints it once the process listens.</summary>
    public static void PrintAtStart(WebApplication app) => app.Lifetime.ApplicationStarted.Register(() =>
    {
        var address = app.Urls.FirstOrDefault();
        Console.WriteLine($"Tutti:      {address}");
        Console.WriteLine($"API:        {address}/docs (OpenAPI of each service: {address}/openapi/proposals.json and so on)");
        if (!app.Configuration.GetValue(DemoAccounts.Setting, false)) return;
        Console.WriteLine($"Token:      POST {address}/connect/token  grant_type=password client_id=tutti username=maria password={DemoAccounts.Password}");
        if (app.Urls.Any(url => !new Uri(url).IsLoopback)) Console.WriteLine("WARNING:    other machines can sign in with the accounts below; set Tutti__Identity__DemoAccounts=false for anything but a trial.");
        Console.WriteLine($"Accounts, all with the password \"{DemoAccounts.Password}\" (switch off with Tutti__Identity__DemoAccounts=false):");
        foreach (var account in DemoAccounts.All) Console.WriteLine($"  {account.Login,-8}{account.Name,-18}{string.Join(", ", account.Roles)}");
    });
}
