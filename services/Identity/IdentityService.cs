using MassTransit;
using Tutti.Identity.Accounts;
using Tutti.Identity.Demo;
using Tutti.Identity.Finding;
using Tutti.Identity.SigningIn;
using Tutti.ServiceDefaults;
using Tutti.ServiceDefaults.Messaging;

namespace Tutti.Identity;

/// <summary>Accounts, their roles, and tokens. Any OpenID Connect provider can stand in its place.</summary>
public static class IdentityService
{
    /// <summary>Name of the service in routes, queues and databases.</summary>
    public const string Name = "identity";

    /// <summary>Adds the service's database, the token server and what its use cases need.</summary>
    public static WebApplicationBuilder AddIdentity(this WebApplicationBuilder builder)
    {
        builder.AddDatabase<IdentityDb>(Name);
        builder.AddApi(Name, "Identity", "Accounts, their roles, and tokens.");
        builder.AddTokenServer();
        builder.AddSignInLimits();
        builder.Services.AddSingleton<PasswordCheck>();
        builder.Services.AddHostedService<PrepareIdentity>();
        builder.Services.AddHostedService<PruneSignIns>();
        return builder;
    }

    /// <summary>Identity reacts to no event: people come to it.</summary>
    public static void AddIdentityConsumers(this IBusRegistrationConfigurator bus) => ArgumentNullException.ThrowIfNull(bus);

    /// <summary>Maps the service's routes at their public paths.</summary>
    public static void MapIdentity(this WebApplication app)
    {
        app.MapApi(Name);
        app.MapDeadLetters<IdentityDb>(Name);
        app.UseRateLimiter();

        var anybody = app.MapGroup("/connect").WithGroupName(Name).WithTags("Signing in").AllowAnonymous();
        IssueToken.Map(anybody);

        var everyone = app.MapGroup("/api/identity").WithGroupName(Name).WithTags("People").RequireAuthorization();
        ReadMyself.Map(everyone);
        FindPeople.Map(everyone);
        ChangeCountry.MapForAll(everyone);

        var office = app.MapGroup("/api/identity/accounts").WithGroupName(Name).WithTags("User office").RequireAuthorization(Roles.UserOffice);
        ListAccounts.Map(office);
        CreateAccount.Map(office);
        ChangeRoles.Map(office);
        ChangeCountry.Map(office);
        DeactivateAccount.Map(office);
    }
}
